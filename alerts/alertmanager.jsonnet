// Where alerts go: all of them to the team channel, pages at once.
local schema = import 'schema.libsonnet';
local q = import 'promql.libsonnet';

{
  route: {
    receiver: 'team-channel',
    group_by: ['alertname', q.label.service],
    group_wait: '30s',
    group_interval: '5m',
    repeat_interval: '12h',
    routes: [
      {
        receiver: 'team-channel',
        matchers: ['severity="page"'],
        group_wait: '10s',
        group_interval: '1m',
        repeat_interval: '1h',
      },
    ],
  },
  receivers: [
    {
      name: 'team-channel',
      // `url` rather than `url_file`, which Alertmanager before 0.26 refuses.
      webhook_configs: [{ url: schema.deploy.team_webhook, send_resolved: true }],
    },
  ],
}
