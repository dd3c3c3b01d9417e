import { idIsName, idOnly, type Row } from "./row";

export const CLOUDWATCH: Record<`aws:cloudwatch/${string}`, Row> = {
  "aws:cloudwatch/logGroup:LogGroup": idIsName("logs", (name) => `log-group:${name}`),
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": idOnly,
  "aws:cloudwatch/queryDefinition:QueryDefinition": (names) => ({
    id: names.input("name"),
    outputs: { queryDefinitionId: names.uuid() },
  }),
  "aws:cloudwatch/dashboard:Dashboard": (names) => ({
    id: names.input("dashboardName"),
    outputs: { dashboardArn: names.arn("cloudwatch", `dashboard/${names.input("dashboardName")}`, "") },
  }),
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": (names) => ({ id: names.input("name"), outputs: {} }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": idIsName("cloudwatch", (name) => `alarm:${name}`),
};
