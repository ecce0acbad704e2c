// Panels. Each answers a question, which is its description; `+` adds what makes it special.
local schema = import 'schema.libsonnet';

local prometheus = { type: 'prometheus', uid: '${prometheus}' };
local loki = { type: 'loki', uid: '${loki}' };
local postgres = { type: 'grafana-postgresql-datasource', uid: '${postgres}' };

local lettered(targets) = std.mapWithIndex(
  function(index, target) target { refId: std.char(std.codepoint('A') + index) },
  targets,
);

local base(type, title, question, datasource, targets) = {
  type: type,
  title: title,
  description: question,
  datasource: datasource,
  targets: lettered(targets),
  fieldConfig: { defaults: { unit: 'short', links: [] }, overrides: [] },
  options: {},
};

local number(decimal) = std.parseJson(decimal);

{
  // Units, by Grafana's ids.
  unit: {
    count: 'short',
    perSecond: 'reqps',
    eventsPerSecond: 'cps',
    seconds: 's',
    bytes: 'bytes',
    bytesPerSecond: 'Bps',
    share: 'percentunit',
    cores: 'none',
    yes: 'bool_yes_no',
    time: 'dateTimeAsIso',
  },

  // A query of Prometheus over the time range. `legend` is a text in which {{label}} stands for a value.
  query(expr, legend): {
    datasource: prometheus,
    expr: expr,
    legendFormat: legend,
    range: true,
    instant: false,
    exemplar: false,
    editorMode: 'code',
  },

  // One whose exemplars are shown, each a way to the log lines of its trace.
  traced(expr, legend): self.query(expr, legend) { exemplar: true },

  // A query for the end of the time range, as one number.
  once(expr): self.query(expr, '') { range: false, instant: true },

  // A query for the end of the time range, as rows of a table.
  row(expr): self.query(expr, '') { range: false, instant: true, format: 'table' },

  timeseries(title, question, unit, targets):
    base('timeseries', title, question, prometheus, targets) + {
      fieldConfig+: { defaults+: {
        unit: unit,
        min: 0,
        color: { mode: 'palette-classic' },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: 8,
          pointSize: 4,
          showPoints: 'auto',
          spanNulls: false,
          stacking: { mode: 'none', group: 'A' },
        },
      } },
      options: {
        legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    },

  stat(title, question, unit, targets):
    base('stat', title, question, prometheus, targets) + {
      fieldConfig+: { defaults+: { unit: unit, color: { mode: 'thresholds' } } } + $.plain.fieldConfig,
      options: {
        colorMode: 'background',
        graphMode: 'area',
        justifyMode: 'auto',
        orientation: 'auto',
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        textMode: 'auto',
        wideLayout: true,
      },
    },

  // A row for each set of labels, a column for each of `columns`: [title, unit, expr]. The first of
  // them is what rows are sorted by.
  table(title, question, columns):
    local value(index) =
      if std.length(columns) == 1 then 'Value' else 'Value #' + std.char(std.codepoint('A') + index);
    base('table', title, question, prometheus, [self.row(column[2]) for column in columns]) + {
      transformations: [
        { id: 'merge', options: {} },
        { id: 'organize', options: { excludeByName: { Time: true } } },
      ],
      fieldConfig+: { overrides: std.mapWithIndex(function(index, column) {
        matcher: { id: 'byName', options: value(index) },
        properties: [
          { id: 'displayName', value: column[0] },
          { id: 'unit', value: column[1] },
        ],
      }, columns) },
      options: {
        cellHeight: 'sm',
        showHeader: true,
        sortBy: [{ displayName: columns[0][0], desc: true }],
      },
    },

  // Log lines, newest first.
  logs(title, question, lines):
    base('logs', title, question, loki, [{
      datasource: loki,
      expr: lines,
      queryType: 'range',
      editorMode: 'code',
    }]) + {
      options: {
        dedupStrategy: 'none',
        enableLogDetails: true,
        prettifyLogMessage: false,
        showTime: true,
        sortOrder: 'Descending',
        wrapLogMessage: true,
      },
    },

  // Rows of the audit trail.
  audit(title, question, sql):
    base('table', title, question, postgres, [{
      datasource: postgres,
      rawSql: sql,
      rawQuery: true,
      editorMode: 'code',
      format: 'table',
    }]) + {
      options: { cellHeight: 'sm', showHeader: true },
    },

  // No threshold: blue, whatever the value.
  plain: {
    fieldConfig+: { defaults+: { thresholds: { mode: 'absolute', steps: [{ color: 'blue', value: null }] } } },
  },

  // Red over a number of the schema, and a line there; the links say what is behind it.
  redOver(decimal, links): {
    fieldConfig+: { defaults+: {
      thresholds: {
        mode: 'absolute',
        steps: [{ color: 'green', value: null }, { color: 'red', value: number(decimal) }],
      },
      links: links,
    } },
  },

  // Red below a number of the schema.
  redUnder(decimal, links): {
    fieldConfig+: { defaults+: {
      thresholds: {
        mode: 'absolute',
        steps: [{ color: 'red', value: null }, { color: 'green', value: number(decimal) }],
      },
      links: links,
    } },
  },

  // Draws the threshold as a line.
  line: { fieldConfig+: { defaults+: { custom+: { thresholdsStyle: { mode: 'line' } } } } },

  // Series of failures, in shades of red.
  red(links): {
    fieldConfig+: { defaults+: {
      color: { mode: 'shades', fixedColor: 'red' },
      links: links,
    } },
  },

  stacked: { fieldConfig+: { defaults+: { custom+: { stacking: { mode: 'normal', group: 'A' } } } } },

  linked(links): { fieldConfig+: { defaults+: { links+: links } } },

  // The top of an axis that ends at 1.
  full: { fieldConfig+: { defaults+: { max: 1 } } },
}
