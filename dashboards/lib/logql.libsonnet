// LogQL made from rows of the schema, as links to Grafana Explore.
local schema = import 'schema.libsonnet';

local unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';

local encoded(text) =
  local one(c) =
    if std.member(unreserved, c) then c
    else std.join('', ['%%%02X' % byte for byte in std.encodeUTF8(c)]);
  std.join('', [one(c) for c in std.stringChars(text)]);

// Percent-encoded but for Grafana's variables, which it has to find as they are.
local encodedAround(text) =
  local after(part) =
    local end = std.findSubstr('}', part)[0] + 1;
    '${' + part[:end] + encoded(part[end:]);
  local parts = std.split(text, '${');
  encoded(parts[0]) + std.join('', [after(part) for part in parts[1:]]);

local condition(filter) =
  local value = if std.isNumber(filter[2]) then '%d' % filter[2] else '"%s"' % filter[2];
  '%s%s%s' % [filter[0], filter[1], value];

{
  // The schema's field names by their names.
  field: std.mapWithKey(function(name, row) name, schema.fields),

  // Lines of some services whose fields are so; each filter is [field, operator, value]. What follows
  // `| json` is read from the line, so a shipper that makes no structured metadata will do.
  lines(service, filters=[]):
    std.join(' | ', [
      '{%s=~"%s"}' % [$.stream('service'), service],
      'json',
    ] + [condition(filter) for filter in filters]),

  // A stream label in Loki.
  stream(name):
    assert std.member(schema.shipping.labels, name) : '`%s` is no stream label' % name;
    name,

  // Values of a field that say that something is wrong.
  failures: 'error|critical',

  // A data link that opens `lines` in Explore for the panel's time range.
  link(title, lines):
    local source = '${loki}';
    local panes = {
      logs: {
        datasource: source,
        queries: [{
          refId: 'A',
          datasource: { type: 'loki', uid: source },
          editorMode: 'code',
          expr: lines,
          queryType: 'range',
        }],
        range: { from: '${__from}', to: '${__to}' },
      },
    };
    {
      title: title,
      url: '/explore?schemaVersion=1&orgId=1&panes=' + encodedAround(std.manifestJsonMinified(panes)),
      targetBlank: true,
    },
}
