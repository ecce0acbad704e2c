// PromQL made from rows of the schema. A metric or label the schema lacks is an error at its line.
local schema = import 'schema.libsonnet';

// A row's name by its name, so that `label.servcie` is an error and `label.service` is 'service'.
local names(rows) = std.mapWithKey(function(name, row) name, rows);

local quoted(text) = '"%s"' % std.strReplace(std.strReplace(text, '\\', '\\\\'), '"', '\\"');

// Labels that every scraped series has from its target.
local ofTarget = schema.exporters.up.labels;

local checked(metric, label) =
  assert std.member(metric.labels + ofTarget + ['le'], label) :
         'metric `%s` has no label `%s`' % [metric.name, label];
  label;

local matcher(metric, m) = checked(metric, m[0]) + m[1] + quoted(m[2]);

{
  label: names(schema.labels),
  event: names(schema.events),
  // Values of the label `outcome`, by themselves.
  outcome: { [value]: value for value in schema.labels.outcome.values },
  // Values of the label `result`, by themselves.
  result: { [value]: value for value in schema.labels.result.values },
  recording: names(schema.recordings),

  // `name{label="value",...}`; each matcher is [label, operator, value]. `suffix` picks a histogram's part.
  select(metric, matchers=[], suffix=''):
    local inside = std.join(',', [matcher(metric, m) for m in matchers]);
    metric.name + suffix + (if inside == '' then '' else '{%s}' % inside),

  // Requests of users.
  requests(metric, matchers=[], suffix=''):
    self.select(metric, self.users + matchers, suffix),

  // The matchers that pick them.
  users: [[self.label.endpoint, '!~', std.join('|', [
    self.literal(probe.path)
    for probe in std.objectValues(schema.probes)
  ])]],

  // A text as a regular expression that matches it alone.
  literal(text):
    std.join('', [if std.member('\\.+*?()|[]{}^$', c) then '\\' + c else c for c in std.stringChars(text)]),

  rate(selector, window='$__rate_interval'): 'rate(%s[%s])' % [selector, window],

  increase(selector, window='$__rate_interval'): 'increase(%s[%s])' % [selector, window],

  overTime(what, selector, window): '%s_over_time(%s[%s])' % [what, selector, window],

  sum(expr): 'sum(%s)' % expr,

  sumBy(labels, expr): 'sum by (%s) (%s)' % [std.join(', ', labels), expr],

  // `sumBy` over labels that the metric has.
  sumOf(metric, labels, expr):
    if labels == [] then self.sum(expr)
    else self.sumBy([checked(metric, label) for label in labels], expr),

  // Per second, and within the window.
  rateBy(metric, labels, matchers=[], window='$__rate_interval', suffix=''):
    self.sumOf(metric, labels, self.rate(self.select(metric, matchers, suffix), window)),

  increaseBy(metric, labels, matchers=[], window='$__rate_interval'):
    self.sumOf(metric, labels, self.increase(self.select(metric, matchers), window)),

  // A gauge, added up.
  gaugeBy(metric, labels, matchers=[]): self.sumOf(metric, labels, self.select(metric, matchers)),

  quantile(share, expr): 'histogram_quantile(%s, %s)' % [share, expr],

  quantileBy(share, metric, labels, matchers=[], window='$__rate_interval'):
    self.quantile(share, self.rateBy(metric, ['le'] + labels, matchers, window, '_bucket')),

  // The time that a histogram adds up, for each of what `count` counts.
  timeFor(metric, count, labels, matchers=[], each=matchers):
    '%s / %s' % [self.rateBy(metric, labels, matchers, suffix='_sum'), self.rateBy(count, labels, each)],

  // The mean of a histogram's observations.
  mean(metric, labels, matchers=[]):
    '%s / %s' % [
      self.rateBy(metric, labels, matchers, suffix='_sum'),
      self.rateBy(metric, labels, matchers, suffix='_count'),
    ],

  // The share of looks into caches that found something.
  hitRate(metric, labels, matchers=[]):
    self.ratio(
      self.rateBy(metric, labels, matchers + [[self.label.result, '=', self.result.hit]]),
      self.rateBy(metric, labels, matchers),
    ),

  // The share of a histogram's observations that are at most `bound`, which is one of its buckets.
  within(metric, bound, labels, matchers=[], window='$__rate_interval'):
    assert std.member(metric.buckets, bound) : 'metric `%s` has no bucket `%s`' % [metric.name, bound];
    // Prometheus 3 writes the bound of a whole number as `1.0`.
    local le = [['le', '=~', std.strReplace(bound, '.', '\\.') + '(\\.0)?']];
    '%s / %s' % [
      self.rateBy(metric, labels, le + matchers, window, '_bucket'),
      self.rateBy(metric, labels, matchers, window, '_count'),
    ],

  // `part`, or 0 for whatever has the whole but no part: nothing failed is a number too.
  orZero(part, whole): '(%s or 0 * %s)' % [part, whole],

  ratio(part, whole): '%s / %s' % [self.orZero(part, whole), whole],

  // `expr`, or 0 where it has no series at all.
  orNone(expr): '%s or on() vector(0)' % expr,

  top(count, expr): 'topk(%s, %s)' % [count, expr],

  // The sum over the series of an exporter, averaged over a window so that a missed scrape is no gap.
  total(metric, by, window):
    self.sumOf(metric, [by], self.overTime('avg', metric.name, window)),
}
