// Tenant Drill-Down: what one tenant sees, and what was changed for it.
local d = import 'dashboard.libsonnet';
local l = import 'logql.libsonnet';
local p = import 'panel.libsonnet';
local q = import 'promql.libsonnet';
local schema = import 'schema.libsonnet';
local sql = import 'sql.libsonnet';

local metric = schema.metrics;
local alert = schema.alerts;

local requests = metric.http_requests_total;
local duration = metric.http_request_duration_seconds;
local size = metric.http_response_size_bytes;
local callbacks = metric.dash_callbacks_total;
local callbackErrors = metric.dash_callback_errors_total;
local callbackTime = metric.dash_callback_duration_seconds;

local ofTenant = [[q.label.service, '=~', '$service'], [q.label.tenant_id, '=~', '$tenant_id']];
local chosen = q.users + ofTenant;
local failed = [[q.label.code, '=~', '5..']];
local refused = [[q.label.code, '=~', '4..']];

local lines(filters, service='${service:regex}') =
  l.lines(service, [[l.field.tenant_id, '=~', '${tenant_id:regex}']] + filters);
local failures = l.link('Log lines of failed requests', lines([[l.field.status, '>=', 500]]));
local refusals = l.link('Log lines of refused requests', lines([[l.field.status, '>=', 400]]));
local slow = l.link('Log lines of slow requests', lines([
  [l.field.latency_ms, '>=', 1000 * std.parseJson(alert.HttpLatencyP95High.threshold)],
]));
local errorLines = lines([[l.field.level, '=~', l.failures]]);
local callbackFailures = l.link('Error lines', errorLines);
local appHealth = d.to('dash-apps-health', 'This application alone', q.label.app_slug, '${__data.fields.app_slug}');

local now = [
  p.stat(
    'Requests', 'Does the tenant reach us at all?', p.unit.perSecond, [
      p.query(q.rateBy(requests, [], chosen), ''),
    ]
  ),
  p.stat(
    '5xx ratio', 'Does the tenant see errors?', p.unit.share, [
      p.query(q.ratio(q.rateBy(requests, [], chosen + failed), q.rateBy(requests, [], chosen)), ''),
    ]
  ) + p.redOver(alert.HttpErrorRatioHigh.threshold, [failures]),
  p.stat(
    'P95', 'Is it slow for the tenant?', p.unit.seconds, [
      p.query(q.quantileBy('0.95', duration, [], chosen), ''),
    ]
  ) + p.redOver(alert.HttpLatencyP95High.threshold, [slow]),
  p.stat(
    'Callback errors', 'Do graphs stay blank? The share of Dash callbacks that raised.', p.unit.share, [
      p.query(q.ratio(q.rateBy(callbackErrors, [], ofTenant), q.rateBy(callbacks, [], ofTenant)), ''),
    ]
  ) + p.redOver(alert.HttpErrorRatioHigh.threshold, [callbackFailures]),
];

local time = [
  p.timeseries(
    'Requests by service', 'What does the tenant use, and when did that change?', p.unit.perSecond, [
      p.query(q.rateBy(requests, [q.label.service], chosen), '{{service}}'),
    ]
  ),
  p.timeseries(
    'Errors by status', 'Which errors does the tenant see?', p.unit.perSecond, [
      p.query(
        q.orNone(q.rateBy(requests, [q.label.code], chosen + [[q.label.code, '=~', '[45]..']])), '{{code}}'
      ),
    ]
  ) + p.red([failures, refusals]),
  p.timeseries(
    'Latency, P50 and P95', 'Since when is it slow for the tenant?', p.unit.seconds, [
      p.traced(q.quantileBy('0.5', duration, [], chosen), 'P50'),
      p.traced(q.quantileBy('0.95', duration, [], chosen), 'P95'),
    ]
  ) + p.redOver(alert.HttpLatencyP95High.threshold, [slow]) + p.line,
  p.timeseries(
    'Bytes sent', 'How much data does the tenant draw?', p.unit.bytesPerSecond, [
      p.query(q.rateBy(size, [q.label.service], chosen, suffix='_sum'), '{{service}}'),
    ]
  ),
];

local endpoints = [
  p.table(
    'Slowest endpoints', 'Which routes are slow for the tenant, over the time range?', [
      ['P95', p.unit.seconds, q.top(10, q.quantileBy('0.95', duration, [q.label.service, q.label.endpoint], chosen, '$__range'))],
    ]
  ) + p.linked([slow]),
  p.table(
    'Failing endpoints', 'Which routes fail for the tenant, over the time range?', [
      [
        'Errors',
        p.unit.perSecond,
        q.top(10, q.orZero(
          q.rateBy(requests, [q.label.service, q.label.endpoint], chosen + failed, '$__range'),
          q.rateBy(requests, [q.label.service, q.label.endpoint], chosen, '$__range'),
        )),
      ],
    ]
  ) + p.red([failures]),
];

local waiting = [
  p.timeseries(
    'Service and database', 'Does the tenant wait for the services, or for their databases? Mean time of a request, and of the statements that one waits for.', p.unit.seconds, [
      p.query(q.mean(duration, [q.label.service], chosen), '{{service}}'),
      p.query(q.timeFor(metric.db_query_duration_seconds, requests, [q.label.service], ofTenant, chosen), '{{service}} database'),
    ]
  ) + p.linked([slow]),
  p.timeseries(
    'Cache hit rate', "Are the tenant's data found in the caches? The share of looks that found something.", p.unit.share, [
      p.query(q.hitRate(metric.cache_requests_total, [q.label.service, q.label.cache], ofTenant), '{{service}} {{cache}}'),
    ]
  ) + p.full,
];

local byCallback = [q.label.app_slug, q.label.callback];
local dash = [
  p.table(
    'Slowest callbacks', 'Which part of which Dash application is slow for the tenant, over the time range?', [
      ['P95', p.unit.seconds, q.top(10, q.quantileBy('0.95', callbackTime, byCallback, ofTenant, '$__range'))],
    ]
  ) + p.linked([appHealth]),
  p.table(
    'Failing callbacks', 'Which part of which Dash application raises for the tenant, over the time range?', [
      [
        'Errors',
        p.unit.eventsPerSecond,
        q.top(10, q.orZero(
          q.rateBy(callbackErrors, byCallback, ofTenant, '$__range'),
          q.rateBy(callbacks, byCallback, ofTenant, '$__range'),
        )),
      ],
    ]
  ) + p.red([callbackFailures, appHealth]),
];

local c = sql.column;
local ofThisTenant = ["%s::text ~ '^(${tenant_id:regex})$'" % c.tenant_id];
local who = [c.ts, c.email, c.action, c.resource, c.outcome];
local trail = [
  p.logs(
    'Error lines', 'What do the services say went wrong for the tenant?', errorLines,
  ),
  p.audit(
    'Changes', 'What did anybody change or do lately, other than look?',
    sql.newest(who + [c.trace_id], ofThisTenant + ["%s <> '%s'" % [c.action, sql.action.view_dashboard]], 50),
  ),
  p.audit(
    'Dashboards opened', 'Who could open which dashboard, and when?',
    sql.newest(who, ofThisTenant + ["%s = '%s'" % [c.action, sql.action.view_dashboard]], 50),
  ),
];

d.new(
  'tenant-drill-down',
  'Tenant Drill-Down',
  'What does one tenant see, and what was changed for it?',
  [d.prometheus, d.loki, d.postgres, d.oneTenant(requests), d.service(requests)],
  [
    d.section('Now', d.side(4, now)),
    d.section('Over time', d.side(8, time)),
    d.section('Endpoints', d.side(8, endpoints)),
    d.section('What requests wait for', d.side(8, waiting)),
    d.section('Dash callbacks', d.side(8, dash)),
    d.section('What was said and done', d.side(10, trail[:1]) + d.side(10, trail[1:])),
  ],
)
