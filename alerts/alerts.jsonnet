// The alerts' expressions; their numbers and words are in the schema.
local schema = import 'schema.libsonnet';
local q = import 'promql.libsonnet';

// `expr` is what has to be over the threshold, `now` prints its value in the description.
local alert(row, expr, now) = {
  alert: row.name,
  expr: '%s\n> %s\n' % [expr, row.threshold],
  'for': row.hold,
  labels: { severity: row.severity },
  annotations: {
    summary: row.summary,
    description: '%s Now: {{ printf "%s" $value }}.' % [
      std.strReplace(std.strReplace(row.description, '{threshold}', row.threshold), '{window}', row.window),
      now,
    ],
    runbook_url: '%s/%s.md' % [schema.deploy.runbooks, row.runbook],
  },
};

// Spec "High error ratio": over all services together.
local httpErrorRatioHigh =
  local ratio = [
    q.sum(q.recording['service:http_errors:rate']),
    q.sum(q.recording['service:http_requests:rate']),
  ];
  alert(schema.alerts.HttpErrorRatioHigh, std.join('\n/\n', ratio), '%.4f');

// Spec "P95 latency breach": for each service.
local httpLatencyP95High =
  alert(
    schema.alerts.HttpLatencyP95High,
    q.recording['service:http_request_duration_seconds:p95'],
    '%.3f s',
  );

// Spec "DB pressure". Both sides keep `instance` alone: with any other label they would never match.
local postgresConnectionsHigh =
  local row = schema.alerts.PostgresConnectionsHigh;
  local total(metric) = q.total(metric, 'instance', row.window);
  alert(
    row,
    '%s\n/\n(%s\n- %s)' % [
      total(schema.exporters.pg_stat_activity_count),
      total(schema.exporters.pg_settings_max_connections),
      total(schema.exporters.pg_settings_superuser_reserved_connections),
    ],
    '%.4f',
  );

// `increase` estimates what lies between the window's edge and its first sample, so that ten failures may
// count as 10.5; rounding down keeps "more than ten" from meaning ten.
local loginFailuresHigh =
  local row = schema.alerts.LoginFailuresHigh;
  local failures = q.select(schema.metrics.kyros_events_total, [
    [q.label.event, '=', q.event.login],
    [q.label.outcome, '!=', q.outcome.success],
  ]);
  alert(row, 'floor(%s)' % q.sum(q.increase(failures, row.window)), '%.0f');

{
  groups: [
    {
      name: 'kyros-alerts',
      rules: [
        httpErrorRatioHigh,
        httpLatencyP95High,
        postgresConnectionsHigh,
        loginFailuresHigh,
      ],
    },
  ],
}
