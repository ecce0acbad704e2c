// SaaS Overview: is the platform well, and if not, which service and which tenant?
local d = import 'dashboard.libsonnet';
local l = import 'logql.libsonnet';
local p = import 'panel.libsonnet';
local q = import 'promql.libsonnet';
local schema = import 'schema.libsonnet';

local metric = schema.metrics;
local alert = schema.alerts;
local objective = schema.objectives;

local requests = metric.http_requests_total;
local duration = metric.http_request_duration_seconds;

local ofService = [[q.label.service, '=~', '$service']];
local chosen = q.users + ofService + [[q.label.tenant_id, '=~', '$tenant_id']];
local failed = [[q.label.code, '=~', '5..']];
local failedLogin = [[q.label.event, '=', q.event.login], [q.label.outcome, '!=', q.outcome.success]];

local ofTenant = [l.field.tenant_id, '=~', '${tenant_id:regex}'];
local withStatus = [l.field.status, '>=', 500];
local failures(service, tenant) = l.link('Log lines of failed requests', l.lines(service, [tenant, withStatus]));

// Behind a number over services and tenants, behind a service's series, and behind a tenant's.
local failuresOfAll = failures('${service:regex}', ofTenant);
local failuresOfService = failures('${__field.labels.service}', ofTenant);
local failuresOfTenant = failures('${service:regex}', [l.field.tenant_id, '=', '${__field.labels.tenant_id}']);
local slowOf(service) = l.link('Log lines of slow requests', l.lines(service, [
  ofTenant,
  [l.field.latency_ms, '>=', 1000 * std.parseJson(alert.HttpLatencyP95High.threshold)],
]));
local failedLogins = l.link('Log lines of failed logins', l.lines('${service:regex}', [
  [l.field.event, '=', q.event.login],
  [l.field.outcome, '!=', q.outcome.success],
]));
local drillDown(value) = d.to('tenant-drill-down', 'This tenant alone', q.label.tenant_id, value);

local recorded(name) = q.select(schema.recordings[name], ofService);
local rates = recorded('service:http_requests:rate');
local errors = recorded('service:http_errors:rate');
local slowness = recorded('service:http_request_duration_seconds:p95');

local now = [
  p.stat(
    'Requests', 'How much is asked of the services, over all tenants?', p.unit.perSecond, [
      p.query(q.sum(rates), ''),
    ]
  ),
  p.stat(
    '5xx ratio', 'Do so many requests fail that the team is paged? Over all services and tenants, as the alert sees it.', p.unit.share, [
      p.query('(%s or vector(0)) / %s' % [q.sum(errors), q.sum(rates)], ''),
    ]
  ) + p.redOver(alert.HttpErrorRatioHigh.threshold, [failuresOfAll]),
  p.stat(
    'P95 of the slowest service', 'Is a service so slow that the team is paged? Over all tenants, as the alert sees it.', p.unit.seconds, [
      p.query('max(%s)' % slowness, ''),
    ]
  ) + p.redOver(alert.HttpLatencyP95High.threshold, [slowOf('${service:regex}')]),
  p.stat(
    'Failed logins', 'Does somebody try passwords? Over all tenants, since a login has none yet, within the window of the alert.', p.unit.count, [
      p.query(q.orNone(q.increaseBy(metric.kyros_events_total, [], ofService + failedLogin, alert.LoginFailuresHigh.window)), ''),
    ]
  ) + p.redOver(alert.LoginFailuresHigh.threshold, [failedLogins]),
];

local byService = [
  p.timeseries(
    'Requests by service', 'How much do the chosen tenants ask of each service?', p.unit.perSecond, [
      p.query(q.rateBy(requests, [q.label.service], chosen), '{{service}}'),
    ]
  ),
  p.timeseries(
    '5xx ratio by service', 'Which service fails, for the chosen tenants?', p.unit.share, [
      p.query(
        q.ratio(
          q.rateBy(requests, [q.label.service], chosen + failed),
          q.rateBy(requests, [q.label.service], chosen),
        ), '{{service}}'
      ),
    ]
  ) + p.redOver(alert.HttpErrorRatioHigh.threshold, [failuresOfService]) + p.line,
  p.timeseries(
    'Latency by service, P50 and P95', 'Which service is slow, for the chosen tenants, and for most requests or for few?', p.unit.seconds, [
      p.traced(q.quantileBy('0.5', duration, [q.label.service], chosen), '{{service}} P50'),
      p.traced(q.quantileBy('0.95', duration, [q.label.service], chosen), '{{service}} P95'),
    ]
  ) + p.redOver(alert.HttpLatencyP95High.threshold, [slowOf('${__field.labels.service}')]) + p.line,
];

local byTenant = [
  p.timeseries(
    'Busiest tenants', 'Who makes the load?', p.unit.perSecond, [
      p.query(q.top(10, q.rateBy(requests, [q.label.tenant_id], chosen)), '{{tenant_id}}'),
    ]
  ) + p.linked([drillDown('${__field.labels.tenant_id}')]),
  p.timeseries(
    '5xx by tenant', 'Is it one tenant or everybody that sees errors?', p.unit.perSecond, [
      p.query(
        q.top(10, q.orZero(
          q.rateBy(requests, [q.label.tenant_id], chosen + failed),
          q.rateBy(requests, [q.label.tenant_id], chosen),
        )), '{{tenant_id}}'
      ),
    ]
  ) + p.red([failuresOfTenant, drillDown('${__field.labels.tenant_id}')]),
  p.table(
    'Tenants', 'How does each tenant fare, over the time range?', [
      [
        'Requests',
        p.unit.perSecond,
        q.rateBy(requests, [q.label.tenant_id], chosen, '$__range'),
      ],
      [
        '5xx ratio',
        p.unit.share,
        q.ratio(
          q.rateBy(requests, [q.label.tenant_id], chosen + failed, '$__range'),
          q.rateBy(requests, [q.label.tenant_id], chosen, '$__range'),
        ),
      ],
      [
        'P95',
        p.unit.seconds,
        q.quantileBy('0.95', duration, [q.label.tenant_id], chosen, '$__range'),
      ],
    ]
  ) + p.linked([
    failures('${service:regex}', [l.field.tenant_id, '=', '${__data.fields.tenant_id}']),
    drillDown('${__data.fields.tenant_id}'),
  ]),
];

// What the chosen services promise the chosen tenants, over the objective's own window.
local of(row) = chosen
                + (if row.methods == [] then [] else [[q.label.method, '=~', std.join('|', row.methods)]])
                + (if row.endpoints == [] then [] else [
                     [q.label.endpoint, '=~', std.join('|', [q.literal(endpoint) for endpoint in row.endpoints])],
                   ]);
local question(row) =
  'Is the promise kept, for the chosen tenants? %s Over %s, against %s.' % [row.help, row.window, row.target];
local promised(row, title) =
  p.stat(title, question(row), p.unit.share, [
    p.once(q.within(metric[row.metric], row.threshold, [], of(row), row.window)),
  ]) + p.redUnder(row.target, [slowOf('${service:regex}')]);

local unfailing(row) =
  local rate(matchers) = q.rateBy(requests, [q.label.service], of(row) + matchers, row.window);
  p.stat('Requests without a 5xx', question(row) + ' That of the worst service.', p.unit.share, [
    p.once('min(1 - %s)' % q.ratio(rate(failed), rate([]))),
  ]) + p.redUnder(row.target, [failuresOfAll]);

local available(row) =
  local probes = q.overTime('avg', q.select(schema.exporters.probe_success, ofService), row.window);
  p.stat('Availability', 'Is the promise kept? %s Over %s, against %s. That of the worst service.' % [
    row.help,
    row.window,
    row.target,
  ], p.unit.share, [
    p.once('min(avg by (%s) (%s))' % [q.label.service, probes]),
  ]) + p.redUnder(row.target, [
    l.link('Log lines of failures', l.lines('${service:regex}', [[l.field.level, '=~', l.failures]])),
  ]);

local objectives = [
  available(objective.availability),
  unfailing(objective.http_errors),
  promised(objective.public_get, 'Public GET within %s s' % objective.public_get.threshold),
  promised(objective.dash_data, 'Dash data within %s s' % objective.dash_data.threshold),
];

local events = [
  p.timeseries(
    'Events', 'What do users do: log in, exchange tokens, switch tenants, save preferences? Over all tenants, since a login has none yet.', p.unit.eventsPerSecond, [
      p.query(q.rateBy(metric.kyros_events_total, [q.label.event, q.label.outcome], ofService), '{{event}} {{outcome}}'),
    ]
  ),
  p.timeseries(
    'Failed logins by service', 'Where, and since when, do logins fail? Over all tenants, since a login has none yet.', p.unit.eventsPerSecond, [
      p.query(
        q.orNone(q.rateBy(metric.kyros_events_total, [q.label.service], ofService + failedLogin)), '{{service}}'
      ),
    ]
  ) + p.red([failedLogins]),
];

d.new(
  'saas-overview',
  'SaaS Overview',
  'Is the platform well, and if not, which service and which tenant?',
  [d.prometheus, d.loki, d.service(requests), d.tenant(requests)],
  [
    d.section('Now', d.side(4, now)),
    d.section('Services, for the chosen tenants', d.side(9, byService)),
    d.section('Tenants', d.side(10, byTenant)),
    d.section('Promises', d.side(4, objectives)),
    d.section('Events', d.side(8, events)),
  ],
)
