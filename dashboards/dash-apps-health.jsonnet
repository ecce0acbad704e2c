// Dash Apps Health: which application, which callback, and for whom?
local d = import 'dashboard.libsonnet';
local l = import 'logql.libsonnet';
local p = import 'panel.libsonnet';
local q = import 'promql.libsonnet';
local schema = import 'schema.libsonnet';

local alert = schema.alerts;
local objective = schema.objectives;

local callbacks = schema.metrics.dash_callbacks_total;
local errors = schema.metrics.dash_callback_errors_total;
local duration = schema.metrics.dash_callback_duration_seconds;

local app = q.label.app_slug;
local callback = q.label.callback;
local tenant = q.label.tenant_id;
// The families of Dash have the label `service` from the target that is scraped.
local chosen = [[q.label.service, '=~', '$service'], [app, '=~', '$app_slug'], [tenant, '=~', '$tenant_id']];

local lines(slug, who) = l.lines('${service:regex}', [
  [l.field.tenant_id, '=~', who],
  [l.field.dashboard_slug, '=~', slug],
  [l.field.level, '=~', l.failures],
]);
local anyApp = '${app_slug:regex}';
local anyTenant = '${tenant_id:regex}';
local link(slug, who) = l.link('Error lines', lines(slug, who));
local ofAll = link(anyApp, anyTenant);
local ofApp = link('${__field.labels.app_slug}', anyTenant);
local ofTenant = link(anyApp, '${__field.labels.tenant_id}');
local drillDown(value) = d.to('tenant-drill-down', 'This tenant alone', tenant, value);

local rate(labels, window='$__rate_interval') = q.rateBy(callbacks, labels, chosen, window);
local failing(labels, window='$__rate_interval') =
  q.orZero(q.rateBy(errors, labels, chosen, window), rate(labels, window));
local errorRatio(labels, window='$__rate_interval') = '%s / %s' % [failing(labels, window), rate(labels, window)];
local quantile(share, labels, window='$__rate_interval') = q.quantileBy(share, duration, labels, chosen, window);

local slow = objective.dash_data.threshold;
local many = alert.HttpErrorRatioHigh.threshold;

local now = [
  p.stat('Callbacks', 'Are the applications used?', p.unit.eventsPerSecond, [p.query(rate([]), '')]),
  p.stat(
    'Error ratio', 'Do callbacks raise, and leave graphs blank? Those that `on_error` swallows included.', p.unit.share, [
      p.query(errorRatio([]), ''),
    ]
  ) + p.redOver(many, [ofAll]),
  p.stat(
    'P95', 'Do users wait for their graphs? The number promised is that of the Dash data endpoints.', p.unit.seconds, [
      p.query(quantile('0.95', []), ''),
    ]
  ) + p.redOver(slow, [ofAll]),
  p.stat(
    'Applications with errors', 'Is it one application or all of them?', p.unit.count, [
      p.query(q.orNone('count(%s > 0)' % failing([app])), ''),
    ]
  ) + p.redOver('1', [ofAll]),
];

local byApp = [
  p.timeseries('Callbacks by application', 'Which application is used?', p.unit.eventsPerSecond, [
    p.query(rate([app]), '{{app_slug}}'),
  ]),
  p.timeseries('Error ratio by application', 'Which application fails, and since when?', p.unit.share, [
    p.query(errorRatio([app]), '{{app_slug}}'),
  ]) + p.redOver(many, [ofApp]) + p.line,
  p.timeseries(
    'Duration by application, P50 and P95', 'Which application is slow, and for most callbacks or for few?', p.unit.seconds, [
      p.traced(quantile('0.5', [app]), '{{app_slug}} P50'),
      p.traced(quantile('0.95', [app]), '{{app_slug}} P95'),
    ]
  ) + p.redOver(slow, [ofApp]) + p.line,
];

local byOutcome = [
  p.timeseries(
    'Outcomes', 'How do callbacks end: with an answer, with no update, with an error, or with one that was handled?', p.unit.eventsPerSecond, [
      p.query(rate([app, q.label.outcome]), '{{app_slug}} {{outcome}}'),
    ]
  ) + p.stacked,
  p.timeseries('Errors by callback', 'Which part of an application raises?', p.unit.eventsPerSecond, [
    p.query(q.top(10, failing([app, callback])), '{{app_slug}} {{callback}}'),
  ]) + p.red([ofApp]),
];

local byCallback = [
  p.table('Callbacks', 'Which callback is slow or fails, over the time range?', [
    ['P95', p.unit.seconds, q.top(20, quantile('0.95', [app, callback], '$__range'))],
    ['P50', p.unit.seconds, quantile('0.5', [app, callback], '$__range')],
    ['Runs', p.unit.eventsPerSecond, rate([app, callback], '$__range')],
    ['Errors', p.unit.eventsPerSecond, failing([app, callback], '$__range')],
  ]) + p.linked([l.link('Error lines', lines('${__data.fields.app_slug}', anyTenant))]),
];

local byTenant = [
  p.timeseries('Errors by tenant', 'Is it one tenant or everybody whose graphs stay blank?', p.unit.eventsPerSecond, [
    p.query(q.top(10, failing([tenant])), '{{tenant_id}}'),
  ]) + p.red([ofTenant, drillDown('${__field.labels.tenant_id}')]),
  p.timeseries('P95 by tenant', 'Is it one tenant whose graphs are slow?', p.unit.seconds, [
    p.query(q.top(10, quantile('0.95', [tenant])), '{{tenant_id}}'),
  ]) + p.redOver(slow, [ofTenant, drillDown('${__field.labels.tenant_id}')]) + p.line,
  p.table('Applications by tenant', 'Who uses which application, and how does it fare, over the time range?', [
    ['Runs', p.unit.eventsPerSecond, rate([app, tenant], '$__range')],
    ['Error ratio', p.unit.share, errorRatio([app, tenant], '$__range')],
    ['P95', p.unit.seconds, quantile('0.95', [app, tenant], '$__range')],
  ]) + p.linked([
    l.link('Error lines', lines('${__data.fields.app_slug}', '${__data.fields.tenant_id}')),
    drillDown('${__data.fields.tenant_id}'),
  ]),
];

d.new(
  'dash-apps-health',
  'Dash Apps Health',
  'Which Dash application fails or is slow, in which callback, and for whom?',
  [d.prometheus, d.loki, d.service(callbacks), d.app(callbacks), d.tenant(callbacks)],
  [
    d.section('Now', d.side(4, now)),
    d.section('Applications', d.side(9, byApp)),
    d.section('Outcomes', d.side(8, byOutcome)),
    d.section('Callbacks', d.side(10, byCallback)),
    d.section('Tenants', d.side(9, byTenant)),
  ],
)
