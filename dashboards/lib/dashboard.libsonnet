// A dashboard: its variables, its sections, and the way to the other dashboards.
local schema = import 'schema.libsonnet';
local q = import 'promql.libsonnet';

local tag = 'kyros';
local width = 24;

local datasource(name, type, label, uid) = {
  name: name,
  type: 'datasource',
  query: type,
  label: label,
  regex: '',
  multi: false,
  includeAll: false,
  refresh: 1,
  options: [],
  hide: 0,
  current: { text: uid, value: uid, selected: true },
};

// The values of a label, many or all of them.
local chosen(label, metric, title, all) =
  assert std.member(metric.labels + schema.exporters.up.labels, label) :
         'metric `%s` has no label `%s`' % [metric.name, label];
  local query = 'label_values(%s, %s)' % [metric.name, label];
  {
    name: label,
    type: 'query',
    label: title,
    datasource: { type: 'prometheus', uid: '${prometheus}' },
    definition: query,
    query: { qryType: 1, query: query, refId: label },
    regex: '',
    sort: 1,
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: all,
    current: { text: ['All'], value: ['$__all'], selected: true },
    options: [],
    hide: 0,
  };

// What happened, drawn over every panel.
local annotations = { list: [
  {
    name: 'Alerts',
    datasource: { type: 'prometheus', uid: '${prometheus}' },
    enable: true,
    hide: false,
    iconColor: 'red',
    expr: 'ALERTS{alertstate="firing", alertname=~"%s"}' % std.join('|', std.objectFields(schema.alerts)),
    titleFormat: '{{alertname}}',
    textFormat: '{{%s}}' % q.label.service,
    step: '1m',
  },
  {
    name: 'Starts of processes',
    datasource: { type: 'prometheus', uid: '${prometheus}' },
    enable: true,
    hide: false,
    iconColor: 'blue',
    expr: q.select(schema.metrics.process_start_time_seconds) + ' * 1000',
    titleFormat: 'Process started',
    textFormat: '{{%s}}' % q.label.service,
    useValueForTime: 'on',
    step: '1m',
  },
] };

// Places panels from left to right, and below one another where a line is full.
local placed(sections) =
  local place(state, panel) =
    local wraps = state.x + panel.w > width;
    local x = if wraps then 0 else state.x;
    local y = if wraps then state.y + state.h else state.y;
    {
      x: x + panel.w,
      y: y,
      h: if wraps then panel.h else std.max(state.h, panel.h),
      panels: state.panels + [
        panel.panel { id: std.length(state.panels) + 1, gridPos: { x: x, y: y, w: panel.w, h: panel.h } },
      ],
    };
  local heading(title) = { w: width, h: 1, panel: { type: 'row', title: title, collapsed: false, panels: [] } };
  local all = std.flattenArrays([[heading(section.title)] + section.panels for section in sections]);
  std.foldl(place, all, { x: 0, y: 0, h: 0, panels: [] }).panels;

{
  // The uid of the dashboard in `dashboards/<slug>.jsonnet`.
  uid(slug): '%s-%s' % [tag, slug],

  // `question` is what somebody opens it for.
  new(slug, title, question, variables, sections): {
    uid: $.uid(slug),
    title: title,
    description: question,
    tags: [tag],
    schemaVersion: 42,
    version: 1,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    fiscalYearStartMonth: 0,
    liveNow: false,
    annotations: annotations,
    templating: { list: variables },
    links: [{
      type: 'dashboards',
      title: 'Other dashboards',
      tags: [tag],
      asDropdown: false,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      icon: 'external link',
      tooltip: '',
      url: '',
    }],
    panels: placed(sections),
  },

  section(title, panels): { title: title, panels: panels },

  // Panels of one height side by side, all of the same width.
  side(height, panels): [{ w: std.floor(width / std.length(panels)), h: height, panel: panel } for panel in panels],

  // A data link to another dashboard, with the time range and one variable from the clicked series or row.
  to(slug, title, label, value): {
    title: title,
    url: '/d/%s?var-%s=%s&${__url_time_range}' % [$.uid(slug), label, value],
    targetBlank: false,
  },

  prometheus: datasource('prometheus', 'prometheus', 'Metrics', schema.deploy.prometheus_uid),
  loki: datasource('loki', 'loki', 'Logs', schema.deploy.loki_uid),
  postgres: datasource('postgres', 'grafana-postgresql-datasource', 'Audit', schema.deploy.postgres_uid),

  service(metric): chosen(q.label.service, metric, 'Service', '.+'),
  tenant(metric): chosen(q.label.tenant_id, metric, 'Tenant', '.*'),
  // One tenant, the first of them where none is chosen.
  oneTenant(metric): self.tenant(metric) {
    multi: false,
    includeAll: false,
    allValue: null,
    current: {},
  },
  app(metric): chosen(q.label.app_slug, metric, 'Dash application', '.+'),
}
