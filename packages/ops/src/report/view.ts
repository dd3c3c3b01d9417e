import type { AccessLogReport, Percentiles, StatusClasses } from "@backend/platform/access-log/analysis/report";

import { bytes, count, milliseconds, moment, shareOf, span } from "./numbers";

/**
 * The content of a report, for all formats. Only this file depends on the analyser's field names.
 */
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
  /** Shown if there are no rows. */
  empty: string;
}

interface Column {
  label: string;
  /** `n`: a number. `wide`: text of any length, which may wrap anywhere. */
  kind?: "n" | "wide";
}

interface Row {
  cells: string[];
  /** From 0 to 1; drawn as a bar in formats that have bars. */
  share?: number;
}

export interface Chart {
  title: string;
  kind: "bars" | "line";
  series: { label: string; tone: "ok" | "warn" | "bad" | "line" }[];
  /** One value for each series, stacked for bars; undefined if nothing was measured. */
  points: { label: string; values: (number | undefined)[] }[];
  format(value: number): string;
}

export interface ViewOptions {
  source: string;
  /** When the report was generated, in epoch milliseconds. */
  generatedAt: number;
  notes: string[];
}

export function viewOf(report: AccessLogReport, { source, generatedAt, notes }: ViewOptions): ReportView {
  const { from, to } = report;
  const period = from === undefined || to === undefined ? "no requests" : `${moment(from)} to ${moment(to)}`;
  return {
    title: "Access log report",
    facts: [source, `${period}, all times UTC`, `generated ${moment(generatedAt)}`, ...notes, ...limitsOf(report)],
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
  const lossy = approximate.filter((part) => part !== "latency");
  return [
    ...(withoutLatency > 0
      ? [`latency is known for ${count(requests - withoutLatency)} of ${count(requests)} requests`]
      : []),
    ...(lossy.length > 0 ? [`${lossy.join(", ")}: lower bounds, because there are too many distinct values`] : []),
    ...(approximate.includes("latency")
      ? ["latency: some values are rounded to three digits, because there are too many distinct values"]
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
      label: "Unparseable lines",
      value: count(unparseable.lines),
      ...(unparseable.lines > 0 && { tone: "warn" as const }),
    },
  ];
}

function chartsOf({ series: { step, buckets } }: AccessLogReport): Chart[] {
  const charts: Chart[] = [
    {
      title: `Requests per ${span(step)}`,
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
    title: `p95 latency per ${span(step)}`,
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
    about: "by number of requests",
    columns: [wide("Route"), ...["Requests", "4xx", "5xx", "p50", "p95", "p99"].map(numeric)],
    rows: routes.map(({ routeKey, requests: routeRequests, statusClasses: [, , , client, server], latency }) => ({
      cells: [
        nameOf(routeKey),
        count(routeRequests),
        shareOf(client, routeRequests),
        shareOf(server, routeRequests),
        ...latencyCells(latency, ["p50", "p95", "p99"]),
      ],
      share: routeRequests / requests,
    })),
    empty: "No requests.",
  };
}

function slowestTable({ slowest }: AccessLogReport): Table {
  const slowestP99 = Math.max(...slowest.map(({ latency }) => latency?.p99 ?? 0), 1);
  return {
    title: "Slowest routes",
    about: "by p99 latency",
    columns: [wide("Route"), ...["p99", "p95", "p50", "Max", "Requests"].map(numeric)],
    rows: slowest.map(({ routeKey, requests, latency }) => ({
      cells: [nameOf(routeKey), ...latencyCells(latency, ["p99", "p95", "p50", "max"]), count(requests)],
      share: (latency?.p99 ?? 0) / slowestP99,
    })),
    empty: "No latency was logged.",
  };
}

function latencyCells(latency: Percentiles | undefined, names: (keyof Percentiles)[]): string[] {
  return names.map((name) => milliseconds(latency?.[name]));
}

function nameOf(routeKey: string | undefined): string {
  return routeKey ?? "(no matching route)";
}

const STATUS_CLASS_LABELS = [
  "1xx informational",
  "2xx success",
  "3xx redirect",
  "4xx client error",
  "5xx server error",
];

function statusTable({ statusClasses, requests }: AccessLogReport): Table {
  return {
    title: "Status classes",
    columns: [{ label: "Class" }, numeric("Requests"), numeric("Share")],
    rows: STATUS_CLASS_LABELS.flatMap((label, index) => {
      const value = statusClasses[index as keyof StatusClasses & number] ?? 0;
      return value === 0 ? [] : [{ cells: [label, count(value), shareOf(value, requests)], share: value / requests }];
    }),
    empty: "No requests.",
  };
}

function refusalTable({ refusals }: AccessLogReport): Table {
  return {
    title: "Rejected requests",
    about: "401, 403 and 429, by reason",
    columns: [{ label: "Status" }, wide("Reason"), numeric("Requests")],
    rows: refusals.map(({ status, reason, requests }) => ({ cells: [String(status), reason, count(requests)] })),
    empty: "No request was rejected.",
  };
}

function callerTable({ callers, requests }: AccessLogReport): Table {
  return {
    title: "Top callers",
    about: "user, else client, else IP address",
    columns: [wide("Caller"), { label: "Kind" }, numeric("Requests"), numeric("4xx and 5xx")],
    rows: callers.map(({ kind, id, requests: callerRequests, errors }) => ({
      cells: [id, kind, count(callerRequests), shareOf(errors, callerRequests)],
      share: callerRequests / requests,
    })),
    empty: "No requests.",
  };
}

function agentTable({ agents, requests }: AccessLogReport): Table {
  return {
    title: "User agents",
    about: "self-reported by callers",
    columns: [wide("User agent"), numeric("Requests")],
    rows: agents.map(({ userAgent, requests: agentRequests }) => ({
      cells: [userAgent, count(agentRequests)],
      share: agentRequests / requests,
    })),
    empty: "No user agent was logged.",
  };
}

function unparseableTable({ unparseable: { lines, samples } }: AccessLogReport): Table {
  const hasSources = samples.some(({ source }) => source !== undefined);
  return {
    title: "Unparseable lines",
    ...(lines > samples.length && { about: `the first ${count(samples.length)} of ${count(lines)}` }),
    columns: [hasSources ? wide("Line") : numeric("Line"), wide("Reason"), wide("Start of the line")],
    rows: samples.map(({ source, line, reason, sample }) => ({
      cells: [source === undefined ? count(line) : `${source}:${line}`, reason, sample],
    })),
    empty: "All lines were parsed.",
  };
}

function numeric(label: string): Column {
  return { label, kind: "n" };
}

function wide(label: string): Column {
  return { label, kind: "wide" };
}
