// The alerts' expressions; their numbers and words are in the schema.
local d = import 'dashboard.libsonnet';
local schema = import 'schema.libsonnet';
local q = import 'promql.libsonnet';

// What has to be over the threshold, by the name of the alert; `now` prints its value in the description.
local expressions = {
  // Spec "High error ratio": over all services together.
  HttpErrorRatioHigh(row): {
    expr: '%s\n/\n%s' % [
      q.sum(q.recording['service:http_errors:rate']),
      q.sum(q.recording['service:http_requests:rate']),
    ],
    now: '%.4f',
  },

  // Spec "P95 latency breach": for each service.
  HttpLatencyP95High(row): {
    expr: q.recording['service:http_request_duration_seconds:p95'],
    now: '%.3f s',
  },

  // Spec "DB pressure". Both sides keep `instance` alone: with any other label they would never match.
  PostgresConnectionsHigh(row):
    local total(metric) = q.total(metric, 'instance', row.window);
    {
      expr: '%s\n/\n(%s\n- %s)' % [
        total(schema.exporters.pg_stat_activity_count),
        total(schema.exporters.pg_settings_max_connections),
        total(schema.exporters.pg_settings_superuser_reserved_connections),
      ],
      now: '%.4f',
    },

  // `increase` estimates what lies between the window's edge and its first sample, so that ten failures
  // may count as 10.5; rounding down keeps "more than ten" from meaning ten.
  LoginFailuresHigh(row):
    local failures = q.select(schema.metrics.kyros_events_total, [
      [q.label.event, '=', q.event.login],
      [q.label.outcome, '!=', q.outcome.success],
    ]);
    { expr: 'floor(%s)' % q.sum(q.increase(failures, row.window)), now: '%.0f' },
};

local described(row, now) = '%s Now: {{ printf "%s" $value }}.' % [
  std.strReplace(std.strReplace(row.description, '{threshold}', row.threshold), '{window}', row.window),
  now,
];

local alert(row) =
  local over = expressions[row.name](row);
  {
    alert: row.name,
    expr: '%s\n> %s\n' % [over.expr, row.threshold],
    'for': row.hold,
    labels: { severity: row.severity },
    annotations: {
      summary: row.summary,
      description: described(row, over.now),
      dashboard_url: '%s/d/%s' % [schema.deploy.grafana_url, d.uid(row.dashboard)],
      runbook_url: '%s/%s.md' % [schema.deploy.runbooks, row.runbook],
    },
  };

{
  groups: [{ name: 'kyros-alerts', rules: [alert(row) for row in std.objectValues(schema.alerts)] }],
}
