import { logEventLine } from "../logs/log-event.mjs";

/**
 * Lambda's own records about an invocation, as lines of a log stream.
 * Text: aws/aws-lambda-runtime-interface-emulator, internal/lambda/rie/handlers.go
 * JSON: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 *
 * @typedef {"JSON" | "Text"} LogFormat
 * @typedef {{ requestId: string, durationMs: number, memorySizeMb: number, heapMb: number, initMs?:
 *   number | undefined }} Metrics
 * @typedef {"success" | "failure" | "error" | "timeout"} Status
 */

/**
 * @param {LogFormat} format
 * @param {string} requestId
 */
export function startRecord(format, requestId) {
  const version = "$LATEST";
  if (format === "JSON") return jsonRecord("platform.start", { requestId, version });
  return text(`START RequestId: ${requestId} Version: ${version}`);
}

/**
 * @param {LogFormat} format
 * @param {Metrics} metrics
 * @param {Status} status
 * @param {string} [errorType]
 */
export function endRecords(format, metrics, status, errorType) {
  const { requestId, durationMs, memorySizeMb, heapMb, initMs } = metrics;
  const billedMs = Math.ceil(durationMs + (initMs ?? 0));
  const usedMb = Math.min(heapMb, memorySizeMb);
  if (format === "JSON") {
    const report = {
      durationMs: roundMs(durationMs),
      billedDurationMs: billedMs,
      memorySizeMB: memorySizeMb,
      maxMemoryUsedMB: usedMb,
      ...(initMs !== undefined && { initDurationMs: roundMs(initMs) }),
    };
    return jsonRecord("platform.report", { requestId, metrics: report, status, ...(errorType && { errorType }) });
  }
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${billedMs} ms`,
    `Memory Size: ${memorySizeMb} MB`,
    `Max Memory Used: ${usedMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ...(status === "success" ? [] : [`Status: ${status}`]),
    ...(errorType === undefined ? [] : [`Error Type: ${errorType}`]),
  ];
  return `${text(`END RequestId: ${requestId}`)}${text(`${fields.join("\t")}\t`)}`;
}

/**
 * @param {LogFormat} format
 * @param {string} requestId
 * @param {number} timeoutMs
 */
export function timeoutRecord(format, requestId, timeoutMs) {
  const message = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return format === "JSON" ? "" : text(`${new Date().toISOString()} ${requestId} ${message}`);
}

/**
 * Returns the record of an init that failed or took too long. Text: as observed in CloudWatch Logs;
 * JSON: the Telemetry API's `platform.initReport`.
 *
 * @param {LogFormat} format
 * @param {{ initMs: number, phase: "init" | "invoke", status: Status, errorType?: string }} init
 */
export function initRecord(format, { initMs, phase, status, errorType }) {
  if (format === "JSON") {
    const metrics = { durationMs: roundMs(initMs) };
    const outcome = { status, ...(errorType && { errorType }) };
    return jsonRecord("platform.initReport", { initializationType: "on-demand", phase, metrics, ...outcome });
  }
  const fields = [`INIT_REPORT Init Duration: ${initMs.toFixed(2)} ms`, `Phase: ${phase}`, `Status: ${status}`];
  if (errorType !== undefined) fields.push(`Error Type: ${errorType}`);
  return text(fields.join("\t"));
}

/**
 * Returns a log event for each line.
 *
 * @param {string} lines
 */
export function linesOf(lines) {
  return lines.split("\n").map(text).join("");
}

/**
 * @param {string} type
 * @param {object} record
 */
function jsonRecord(type, record) {
  const now = new Date();
  return logEventLine(now.getTime(), JSON.stringify({ time: now.toISOString(), type, record }), true);
}

/** @param {string} message */
function text(message) {
  return logEventLine(Date.now(), message, false);
}

/** @param {number} ms */
function roundMs(ms) {
  return Math.round(ms * 1000) / 1000;
}
