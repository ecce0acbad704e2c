// Queries of the audit trail. A column or action the schema lacks is an error at its line.
local schema = import 'schema.libsonnet';

local names(rows) = std.mapWithKey(function(name, row) name, rows);

{
  column: names(schema.columns),
  action: names(schema.actions),

  // The newest rows of the panel's time range, from the view that readers may select from; `where` is a
  // list of conditions.
  newest(columns, where, limit):
    |||
      SELECT %s
      FROM audit_events
      WHERE %s
      ORDER BY %s DESC
      LIMIT %d
    ||| % [
      std.join(', ', columns),
      std.join('\n  AND ', ['$__timeFilter(%s)' % $.column.ts] + where),
      $.column.ts,
      limit,
    ],
}
