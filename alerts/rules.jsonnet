// Recording rules. Their windows are those of the alerts that read them.
local schema = import 'schema.libsonnet';
local q = import 'promql.libsonnet';

local requests = schema.metrics.http_requests_total;
local duration = schema.metrics.http_request_duration_seconds;
local errors = [[q.label.code, '=~', '5..']];

local rateByService(matchers) =
  q.sumBy(
    [q.label.service],
    q.rate(q.requests(requests, matchers), schema.alerts.HttpErrorRatioHigh.window),
  );

{
  groups: [
    {
      name: 'kyros-recording',
      rules: [
        { record: q.recording['service:http_requests:rate'], expr: rateByService([]) },
        { record: q.recording['service:http_errors:rate'], expr: rateByService(errors) },
        {
          record: q.recording['service:http_request_duration_seconds:p95'],
          expr: q.quantile('0.95', q.sumBy(
            ['le', q.label.service],
            q.rate(q.requests(duration, [], '_bucket'), schema.alerts.HttpLatencyP95High.window),
          )),
        },
      ],
    },
  ],
}
