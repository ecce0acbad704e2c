// PromQL made from rows of the schema. A metric or label the schema lacks is an error at its line.
local schema = import 'schema.libsonnet';

// A row's name by its name, so that `label.servcie` is an error and `label.service` is 'service'.
local names(rows) = std.mapWithKey(function(name, row) name, rows);

local quoted(text) = '"%s"' % std.strReplace(std.strReplace(text, '\\', '\\\\'), '"', '\\"');

local matcher(metric, label, operator, value) =
  assert std.member(metric.labels, label) : 'metric `%s` has no label `%s`' % [metric.name, label];
  label + operator + quoted(value);

{
  label: names(schema.labels),
  event: names(schema.events),
  recording: names(schema.recordings),

  // What a kubelet or Prometheus asks for, not a user: counted, and left out of rules.
  probes: ['/healthz', '/metrics'],

  // `name{label="value",...}`; each matcher is [label, operator, value]. `suffix` picks a histogram's part.
  select(metric, matchers, suffix=''):
    '%s{%s}' % [
      metric.name + suffix,
      std.join(',', [matcher(metric, m[0], m[1], m[2]) for m in matchers]),
    ],

  // Requests of users.
  requests(metric, matchers=[], suffix=''):
    self.select(
      metric,
      [[self.label.endpoint, '!~', std.join('|', self.probes)]] + matchers,
      suffix,
    ),

  rate(selector, window): 'rate(%s[%s])' % [selector, window],

  increase(selector, window): 'increase(%s[%s])' % [selector, window],

  sum(expr): 'sum(%s)' % expr,

  sumBy(labels, expr): 'sum by (%s) (%s)' % [std.join(', ', labels), expr],

  quantile(share, expr): 'histogram_quantile(%s, %s)' % [share, expr],

  // The sum over the series of an exporter, averaged over a window so that a missed scrape is no gap.
  total(metric, by, window):
    assert std.member(metric.labels, by) : 'metric `%s` has no label `%s`' % [metric.name, by];
    self.sumBy([by], 'avg_over_time(%s[%s])' % [metric.name, window]),
}
