"""`kyros-obs preview`: the generated dashboards, drawn without Grafana.

`command` is where it begins; `dashboards` is what is drawn; `variables`, `timerange` and `view` say
for whom and when; `prometheus`, `loki` and `postgres` are asked, and `answers` is what came of it;
`drawing` is how it looks, `page` and `app` are the Dash application around it. All of it needs the
extra `preview`.
"""
