import type { Description } from "./description";

export const CLOUDWATCH: Record<`aws:cloudwatch/${string}`, Description> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    judged: "name namePrefix retentionInDays logGroupClass kmsKeyId deletionProtectionEnabled",
  },
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {
    judged: "name logGroup destinationArn filterPattern distribution",
  },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": { judged: "*" },
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": { judged: "*" },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    judged: `name alarmDescription actionsEnabled alarmActions okActions comparisonOperator
      datapointsToAlarm dimensions evaluateLowSampleCountPercentiles evaluationPeriods
      extendedStatistic metricName metricQueries namespace period statistic threshold
      treatMissingData`,
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": { judged: "*" },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": { judged: "*" },
  "aws:cloudwatch/dashboard:Dashboard": { unjudged: "shows metrics" },
  "aws:cloudwatch/logDelivery:LogDelivery": { unjudged: "joins a source to a destination" },
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
    unjudged: "names a log group or bucket, which are judged",
  },
  "aws:cloudwatch/queryDefinition:QueryDefinition": {
    unjudged: "the text of a saved query; it is run with the reader's own rights",
  },
};
