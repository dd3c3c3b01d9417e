import type { AccessLogReport, Percentiles, StatusClasses } from "@backend/platform/access-log/analysis/report";

import { bytes, count, milliseconds, moment, shareOf, span } from "./numbers";

/** What every format of the report shows. Nothing else knows the analyser's field names. */
export interface ReportView {
  title: string;
  facts: string[];
  figures: Figure[];
  charts: Chart[];
  tables: Table[];
}

export interface Figure {
  label: string;
  value: string;
  tone?: "warn" | "bad";
}

export interface Table {
  title: string;
  about?: string;
  columns: Column[];
  rows: Row[];
  /** Where there are no rows. */
  empty: string;
}

interface Column {
  label: string;
  /** `n`: a number; `wide`: text of any length, which may be broken anywhere. */
  kind?: "n" | "wide";
}

interface Row {
  cells: string[];
  /** 0 to 1, drawn as a bar where the format can. */
  share?: number;
}

export interface Chart {
  title: string;
  kind: "bars" | "line";
  series: { label: string; tone: "ok" | "warn" | "bad" | "line" }[];
  /** One value for each series, stacked for bars; absent where nothing was measured. */
  points: { label: string; values: (number | undefined)[] }[];
  format(value: number): string;
}

export interface ViewOptions {
  source: string;
  /** Epoch milliseconds at which the report was made. */
  madeAt: number;
  notes: string[];
}

export function viewOf(report: AccessLogReport, { source, madeAt, notes }: ViewOptions): ReportView {
  const { from, to } = report;
  const period = from === undefined || to === undefined ? "no requests" : `${moment(from)} to ${moment(to)}`;
  return {
    title: "Access log report",
    facts: [source, `${period}, all times UTC`, `made ${moment(madeAt)}`, ...notes, ...limitsOf(report)],
    figures: figuresOf(report),
    charts: report.series.buckets.length > 1 ? chartsOf(report) : [],
    tables: [
      routeTable(report),
      slowestTable(report),
      statusTable(report),
      refusalTable(report),
      callerTable(report),
      agentTable(report),
      unparseableTable(report),
    ],
  };
}

function limitsOf({ approximate, requests, withoutLatency = 0 }: AccessLogReport): string[] {
  const counted = approximate.filter((part) => part !== "latency");
  return [
    ...(withoutLatency > 0
      ? [`latency was logged for ${count(requests - withoutLatency)} of ${count(requests)} requests`]
      : []),
    ...(counted.length > 0
      ? [`too many different ${counted.join(", ")} to count each: their figures are at least so high`]
      : []),
    ...(approximate.includes("latency")
      ? ["too many different latencies to keep each: some are rounded to three digits"]
      : []),
  ];
}

function figuresOf({ requests, statusClasses, latency, responseBytes, unparseable }: AccessLogReport): Figure[] {
  const [, , , client, server] = statusClasses;
  return [
    { label: "Requests", value: count(requests) },
    { label: "Server errors (5xx)", value: shareOf(server, requests), ...(server > 0 && { tone: "bad" as const }) },
    { label: "Client errors (4xx)", value: shareOf(client, requests), ...(client > 0 && { tone: "warn" as const }) },
    { label: "Latency p50", value: milliseconds(latency?.p50) },
    { label: "Latency p95", value: milliseconds(latency?.p95) },
    { label: "Latency p99", value: milliseconds(latency?.p99) },
    { label: "Response bodies", value: bytes(responseBytes) },
    {
      label: "Unreadable lines",
      value: count(unparseable.lines),
      ...(unparseable.lines > 0 && { tone: "warn" as const }),
    },
  ];
}

function chartsOf({ series: { step, buckets } }: AccessLogReport): Chart[] {
  const charts: Chart[] = [
    {
      title: `Requests in ${span(step)}`,
      kind: "bars",
      series: [
        { label: "1xx to 3xx", tone: "ok" },
        { label: "4xx", tone: "warn" },
        { label: "5xx", tone: "bad" },
      ],
      points: buckets.map(({ start, statusClasses: [info, success, redirect, client, server] }) => ({
        label: moment(start),
        values: [info + success + redirect, client, server],
      })),
      format: count,
    },
  ];
  if (!buckets.some(({ p95 }) => p95 !== undefined)) return charts;
  charts.push({
    title: `Latency in ${span(step)}, 95th percentile`,
    kind: "line",
    series: [{ label: "p95", tone: "line" }],
    points: buckets.map(({ start, p95 }) => ({ label: moment(start), values: [p95] })),
    format: milliseconds,
  });
  return charts;
}

function routeTable({ routes, requests }: AccessLogReport): Table {
  return {
    title: "Routes",
    about: "most requested first",
    columns: [wide("Route"), ...["Requests", "4xx", "5xx", "p50", "p95", "p99"].map(numeric)],
    rows: routes.map(({ routeKey, requests: ofRoute, statusClasses: [, , , client, server], latency }) => ({
      cells: [
        nameOf(routeKey),
        count(ofRoute),
        shareOf(client, ofRoute),
        shareOf(server, ofRoute),
        ...latencyCells(latency, ["p50", "p95", "p99"]),
      ],
      share: ofRoute / requests,
    })),
    empty: "No requests.",
  };
}

function slowestTable({ slowest }: AccessLogReport): Table {
  const longest = Math.max(...slowest.map(({ latency }) => latency?.p99 ?? 0), 1);
  return {
    title: "Slowest routes",
    about: "by the 99th percentile",
    columns: [wide("Route"), ...["p99", "p95", "p50", "Max", "Requests"].map(numeric)],
    rows: slowest.map(({ routeKey, requests, latency }) => ({
      cells: [nameOf(routeKey), ...latencyCells(latency, ["p99", "p95", "p50", "max"]), count(requests)],
      share: (latency?.p99 ?? 0) / longest,
    })),
    empty: "No latency was logged.",
  };
}

function latencyCells(latency: Percentiles | undefined, names: (keyof Percentiles)[]): string[] {
  return names.map((name) => milliseconds(latency?.[name]));
}

function nameOf(routeKey: string | undefined): string {
  return routeKey ?? "no route";
}

const CLASSES = ["1xx informational", "2xx success", "3xx redirect", "4xx client error", "5xx server error"];

function statusTable({ statusClasses, requests }: AccessLogReport): Table {
  return {
    title: "Status classes",
    columns: [{ label: "Class" }, numeric("Requests"), numeric("Share")],
    rows: CLASSES.flatMap((label, index) => {
      const value = statusClasses[index as keyof StatusClasses & number] ?? 0;
      return value === 0 ? [] : [{ cells: [label, count(value), shareOf(value, requests)], share: value / requests }];
    }),
    empty: "No requests.",
  };
}

function refusalTable({ refusals }: AccessLogReport): Table {
  return {
    title: "Refused, by reason",
    about: "401, 403 and 429",
    columns: [{ label: "Status" }, wide("Reason"), numeric("Requests")],
    rows: refusals.map(({ status, reason, requests }) => ({ cells: [String(status), reason, count(requests)] })),
    empty: "Nothing was refused.",
  };
}

function callerTable({ callers, requests }: AccessLogReport): Table {
  return {
    title: "Callers",
    about: "by user, else by client, else by address",
    columns: [wide("Caller"), { label: "Kind" }, numeric("Requests"), numeric("4xx and 5xx")],
    rows: callers.map(({ kind, id, requests: ofCaller, errors }) => ({
      cells: [id, kind, count(ofCaller), shareOf(errors, ofCaller)],
      share: ofCaller / requests,
    })),
    empty: "No requests.",
  };
}

function agentTable({ agents, requests }: AccessLogReport): Table {
  return {
    title: "User agents",
    about: "the callers' own words",
    columns: [wide("User agent"), numeric("Requests")],
    rows: agents.map(({ userAgent, requests: ofAgent }) => ({
      cells: [userAgent, count(ofAgent)],
      share: ofAgent / requests,
    })),
    empty: "None was given.",
  };
}

function unparseableTable({ unparseable: { lines, samples } }: AccessLogReport): Table {
  const hasSources = samples.some(({ source }) => source !== undefined);
  return {
    title: "Lines that could not be read",
    ...(lines > samples.length && { about: `${count(samples.length)} of ${count(lines)}` }),
    columns: [hasSources ? wide("Line") : numeric("Line"), wide("Reason"), wide("Beginning")],
    rows: samples.map(({ source, line, reason, sample }) => ({
      cells: [source === undefined ? count(line) : `${source}:${line}`, reason, sample],
    })),
    empty: "Every line was read.",
  };
}

function numeric(label: string): Column {
  return { label, kind: "n" };
}

function wide(label: string): Column {
  return { label, kind: "wide" };
}
