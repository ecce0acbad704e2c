// Platform & DB: is it the ingress, the pods, the database, or the telemetry itself?
local d = import 'dashboard.libsonnet';
local l = import 'logql.libsonnet';
local p = import 'panel.libsonnet';
local q = import 'promql.libsonnet';
local schema = import 'schema.libsonnet';

local metric = schema.metrics;
local exporter = schema.exporters;
local alert = schema.alerts;

local requests = metric.http_requests_total;

local service = q.label.service;
local ofService = [[service, '=~', '$service']];
local chosen = q.users + ofService + [[q.label.tenant_id, '=~', '$tenant_id']];
local ofNamespace = [['namespace', '=', schema.deploy.namespace]];
// Containers, and not the sandbox or the sum that cAdvisor reports beside them.
local ofContainers = ofNamespace + [['container', '!~', '|POD']];

local errorLines = l.link('Error lines of the services', l.lines('${service:regex}', [[l.field.level, '=~', l.failures]]));
local failedRequests = l.link('Log lines of failed requests', l.lines('${service:regex}', [[l.field.status, '>=', 500]]));
local ofTenant = [l.field.tenant_id, '=~', '${tenant_id:regex}'];
local failuresOfService = l.link('Log lines of failed requests', l.lines('${__field.labels.service}', [
  ofTenant,
  [l.field.status, '>=', 500],
]));
local slowOfService = l.link('Log lines of slow requests', l.lines('${__field.labels.service}', [
  ofTenant,
  [l.field.latency_ms, '>=', 1000 * std.parseJson(alert.HttpLatencyP95High.threshold)],
]));
local warnings = l.link('Warnings and errors of the services', l.lines('${service:regex}', [
  [l.field.level, '=~', 'warn|' + l.failures],
]));

local ingressRequests = exporter.nginx_ingress_controller_requests;
local ingressTime = exporter.nginx_ingress_controller_request_duration_seconds;
local ingressConnections = exporter.nginx_ingress_controller_nginx_process_connections;

local ingress = [
  p.timeseries('Requests at the ingress', 'How much arrives from outside, and does it get an answer?', p.unit.perSecond, [
    p.query(q.rateBy(ingressRequests, ['status'], ofNamespace), '{{status}}'),
  ]) + p.stacked,
  p.timeseries('5xx at the ingress', 'Do users see errors, those included that no service ever saw?', p.unit.share, [
    p.query(
      q.ratio(
        q.rateBy(ingressRequests, ['ingress'], ofNamespace + [['status', '=~', '5..']]),
        q.rateBy(ingressRequests, ['ingress'], ofNamespace),
      ), '{{ingress}}'
    ),
  ]) + p.redOver(alert.HttpErrorRatioHigh.threshold, [failedRequests]) + p.line,
  p.timeseries('P95 at the ingress', 'Do requests wait before they reach a service?', p.unit.seconds, [
    p.query(q.quantileBy('0.95', ingressTime, ['ingress'], ofNamespace), 'ingress {{ingress}}'),
  ]) + p.redOver(alert.HttpLatencyP95High.threshold, [errorLines]) + p.line,
  p.timeseries('5xx in the services', 'Do the services fail by their own measure, for the chosen tenants? To be compared with the ingress.', p.unit.share, [
    p.query(
      q.ratio(
        q.rateBy(requests, [service], chosen + [[q.label.code, '=~', '5..']]),
        q.rateBy(requests, [service], chosen),
      ), '{{service}}'
    ),
  ]) + p.redOver(alert.HttpErrorRatioHigh.threshold, [failuresOfService]) + p.line,
  p.timeseries('P95 in the services', 'Is a service slow by its own measure, for the chosen tenants? To be compared with the ingress.', p.unit.seconds, [
    p.traced(q.quantileBy('0.95', metric.http_request_duration_seconds, [service], chosen), '{{service}}'),
  ]) + p.redOver(alert.HttpLatencyP95High.threshold, [slowOfService]) + p.line,
  p.timeseries('Connections of the ingress', 'Is the ingress saturated: do connections pile up?', p.unit.count, [
    p.query(q.gaugeBy(ingressConnections, ['state']), '{{state}}'),
  ]),
];

local queryTime = metric.db_query_duration_seconds;
local requestTime = metric.http_request_duration_seconds;
local operation = q.label.operation;
local cache = q.label.cache;
// Statements that no request of a user waits for are in none of its tenants' series.
local ofTenants = ofService + [[q.label.tenant_id, '=~', '$tenant_id']];

local waiting = [
  p.timeseries('Ingress, service and database', 'Where does the time of a request go: before the service, in it, or into its database? Mean time of a request, and of the statements that one waits for.', p.unit.seconds, [
    p.query(q.mean(ingressTime, ['ingress'], ofNamespace), 'ingress {{ingress}}'),
    p.query(q.mean(requestTime, [service], chosen), '{{service}}'),
    p.query(q.timeFor(queryTime, requests, [service], ofTenants, chosen), '{{service}} database'),
  ]),
  p.timeseries('P95 of statements', 'Which kind of statement is slow?', p.unit.seconds, [
    p.traced(q.quantileBy('0.95', queryTime, [service, operation], ofTenants), '{{service}} {{operation}}'),
  ]),
  p.timeseries('Cache hit rate', 'Do the caches keep work from the database? The share of looks that found something.', p.unit.share, [
    p.query(q.hitRate(metric.cache_requests_total, [service, cache], ofTenants), '{{service}} {{cache}}'),
  ]) + p.full,
  p.timeseries('Statements', 'How much do the services ask of their databases, and of which kind?', p.unit.eventsPerSecond, [
    p.query(q.rateBy(queryTime, [service, operation], ofTenants, suffix='_count'), '{{service}} {{operation}}'),
  ]) + p.stacked,
  p.timeseries('Statements that failed', 'Does a database refuse statements, commits or connections, or a cache its looks?', p.unit.eventsPerSecond, [
    p.query(q.orNone(q.rateBy(metric.db_query_errors_total, [service, operation], ofTenants)), '{{service}} {{operation}}'),
    p.query(
      q.orNone(q.rateBy(metric.cache_requests_total, [service, cache], ofTenants + [[q.label.result, '=', q.result['error']]])),
      '{{service}} cache {{cache}}'
    ),
  ]) + p.red([errorLines]),
];

local share(part, whole) = '%s / %s' % [part, whole];
local throttled = exporter.container_cpu_cfs_throttled_periods_total;
local periods = exporter.container_cpu_cfs_periods_total;
local limits(resource) =
  q.gaugeBy(exporter.kube_pod_container_resource_limits, ['pod'], ofContainers + [['resource', '=', resource]]);

local pods = [
  p.timeseries('Restarts', 'Does a pod crash, or is it killed?', p.unit.count, [
    p.query(q.increaseBy(exporter.kube_pod_container_status_restarts_total, ['pod', 'container'], ofNamespace, '1h'), '{{pod}} {{container}}'),
  ]) + p.red([errorLines]),
  p.timeseries('CPU of pods', 'Which pod works hard, in cores?', p.unit.cores, [
    p.query(q.rateBy(exporter.container_cpu_usage_seconds_total, ['pod'], ofContainers), '{{pod}}'),
  ]),
  p.timeseries('Throttled', 'Does a pod hit its CPU limit? The share of scheduler periods in which it was held back.', p.unit.share, [
    p.query(share(q.rateBy(throttled, ['pod'], ofContainers), q.rateBy(periods, ['pod'], ofContainers)), '{{pod}}'),
  ]) + p.full,
  p.timeseries('Memory of pods', 'How near is a pod to being killed for its memory? The share of its limit.', p.unit.share, [
    p.query(share(q.gaugeBy(exporter.container_memory_working_set_bytes, ['pod'], ofContainers), limits('memory')), '{{pod}}'),
  ]) + p.full,
];

local window = alert.PostgresConnectionsHigh.window;
local used = q.total(exporter.pg_stat_activity_count, 'instance', window);
local usable = '(%s - %s)' % [
  q.total(exporter.pg_settings_max_connections, 'instance', window),
  q.total(exporter.pg_settings_superuser_reserved_connections, 'instance', window),
];

local postgres = [
  p.stat('Postgres is up', 'Does the exporter reach every server?', p.unit.yes, [
    p.query('min by (instance) (%s)' % q.select(exporter.pg_up), '{{instance}}'),
  ]) + p.redUnder('1', [errorLines]),
  p.timeseries('Connections in use', 'Does Postgres run out of connections? The share of what applications may use, as the alert sees it.', p.unit.share, [
    p.query(share(used, usable), '{{instance}}'),
  ]) + p.redOver(alert.PostgresConnectionsHigh.threshold, [errorLines]) + p.line + p.full,
  p.timeseries('Connections by state', 'What do the connections do: work, idle, or idle in a transaction?', p.unit.count, [
    p.query(q.gaugeBy(exporter.pg_stat_activity_count, ['datname', 'state']), '{{datname}} {{state}}'),
  ]) + p.stacked,
  p.timeseries('Locks', 'Does something hold locks that others wait for?', p.unit.count, [
    p.query(q.gaugeBy(exporter.pg_locks_count, ['datname', 'mode']), '{{datname}} {{mode}}'),
  ]),
];

local audit = [
  p.timeseries('Audit events pending', 'Does the audit trail reach Postgres? Events in the spool that are not in the table yet.', p.unit.count, [
    p.query(q.gaugeBy(metric.kyros_audit_pending, [service], ofService), '{{service}}'),
  ]),
  p.timeseries('Age of the oldest pending event', 'How far behind is the table?', p.unit.seconds, [
    p.query('max by (%s) (%s)' % [service, q.select(metric.kyros_audit_oldest_pending_seconds, ofService)], '{{service}}'),
  ]),
  p.timeseries('Audit events accepted and shipped', 'Does as much arrive as is recorded?', p.unit.eventsPerSecond, [
    p.query(q.rateBy(metric.kyros_audit_spooled_total, [service], ofService), '{{service}} accepted'),
    p.query(q.rateBy(metric.kyros_audit_shipped_total, [service], ofService), '{{service}} shipped'),
  ]),
  p.timeseries('Audit failures', 'Is an event at risk: refused by Postgres, not written to the spool, or of an action the schema lacks?', p.unit.eventsPerSecond, [
    p.query(q.rateBy(metric.kyros_audit_rejected_total, [service], ofService), '{{service}} refused'),
    p.query(q.rateBy(metric.kyros_audit_spool_errors_total, [service], ofService), '{{service}} not written'),
    p.query(q.rateBy(metric.kyros_audit_unknown_actions_total, [service], ofService), '{{service}} unknown action'),
  ]) + p.red([warnings]),
];

local telemetry = [
  p.timeseries('Targets scraped', 'Does Prometheus reach every service? 1 where it does.', p.unit.count, [
    p.query('min by (%s, job) (%s)' % [service, q.select(exporter.up, ofService)], '{{service}} {{job}}'),
  ]) + p.redUnder('1', [errorLines]),
  p.timeseries('Instrumentation errors', 'Does the SDK itself fail? The application goes on, but its telemetry has gaps.', p.unit.eventsPerSecond, [
    p.query(q.orNone(q.rateBy(metric.kyros_instrumentation_errors_total, [service, q.label.component], ofService)), '{{service}} {{component}}'),
    p.query(q.rateBy(metric.kyros_log_write_errors_total, [service], ofService), '{{service}} log lines not written'),
  ]) + p.red([warnings]),
  p.timeseries('Series overflow', 'Does a label take more values than its bound, so that samples go to `_other`?', p.unit.eventsPerSecond, [
    p.query(q.orNone(q.rateBy(metric.kyros_series_overflow_total, [service, q.label.metric], ofService)), '{{service}} {{metric}}'),
  ]) + p.red([warnings]),
  p.timeseries('Redactions', 'What kind of secret or personal data do services try to log?', p.unit.eventsPerSecond, [
    p.query(q.orNone(q.rateBy(metric.kyros_log_redactions_total, [service, q.label.class], ofService)), '{{service}} {{class}}'),
  ]),
  p.stat('Without a PII key', 'Does a service lack the key for `email_hash`, so that hashes are null?', p.unit.count, [
    p.query(q.gaugeBy(metric.kyros_pii_key_missing, [], ofService), ''),
  ]) + p.redOver('1', [warnings]),
  p.stat('SDK versions', 'Which versions of the SDK run, at how many targets?', p.unit.count, [
    p.query(q.gaugeBy(metric.kyros_build_info, [q.label.version], ofService), '{{version}}'),
  ]),
];

local target = [service, 'instance'];
// A worker that is started anew takes the number of the one before, so that its line goes on.
local worker = target + [q.label.worker];
local ofWorker = '{{service}} {{instance}} worker {{worker}}';

local processes = [
  p.timeseries('Workers', 'Are all workers of a service there? A gunicorn arbiter with `--preload` counts as one.', p.unit.count, [
    p.query(q.gaugeBy(metric.kyros_workers, target, ofService), '{{service}} {{instance}}'),
  ]),
  p.timeseries('Memory', 'Does a worker grow without end?', p.unit.bytes, [
    p.query(q.gaugeBy(metric.process_resident_memory_bytes, worker, ofService), ofWorker),
  ]),
  p.timeseries('CPU', 'Does a worker use a whole core?', p.unit.cores, [
    p.query(q.rateBy(metric.process_cpu_seconds_total, worker, ofService), ofWorker),
  ]),
  p.timeseries('Open files', 'Does a worker leak file descriptors?', p.unit.count, [
    p.query(q.gaugeBy(metric.process_open_fds, worker, ofService), ofWorker),
  ]),
  p.timeseries('Uptime', 'When was a worker started, and does one start again and again?', p.unit.seconds, [
    p.query('time() - ' + q.gaugeBy(metric.process_start_time_seconds, worker, ofService), ofWorker),
  ]),
  p.timeseries('Arena', 'Is there room for more series? The share of the memory for them that is in use.', p.unit.share, [
    p.query(
      share(
        q.gaugeBy(metric.kyros_arena_used_bytes, target, ofService),
        q.gaugeBy(metric.kyros_arena_capacity_bytes, target, ofService),
      ), '{{service}} {{instance}}'
    ),
  ]) + p.full,
];

d.new(
  'platform-db',
  'Platform & DB',
  'Is it the ingress, the pods, the database, or the telemetry itself?',
  [d.prometheus, d.loki, d.service(requests), d.tenant(requests)],
  [
    d.section('Ingress', d.side(8, ingress[:3]) + d.side(8, ingress[3:])),
    d.section('What requests wait for', d.side(8, waiting[:3]) + d.side(8, waiting[3:])),
    d.section('Pods', d.side(8, pods)),
    d.section('Postgres', d.side(8, postgres)),
    d.section('Audit trail', d.side(8, audit)),
    d.section('Telemetry itself', d.side(8, telemetry[:3]) + d.side(8, telemetry[3:])),
    d.section('Processes', d.side(8, processes[:3]) + d.side(8, processes[3:])),
  ],
)
