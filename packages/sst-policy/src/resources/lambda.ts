import type { Description } from "./description";

export const LAMBDA: Record<`aws:lambda/${string}`, Description> = {
  "aws:lambda/function:Function": {
    judged: `name description architectures deadLetterConfig environment ephemeralStorage handler layers
      loggingConfig memorySize packageType publish reservedConcurrentExecutions role runtime
      s3Bucket s3Key sourceCodeHash timeout`,
  },
  "aws:lambda/permission:Permission": {
    judged: "action function principal sourceArn sourceAccount statementId statementIdPrefix",
  },
  "aws:lambda/functionUrl:FunctionUrl": { judged: "functionName authorizationType invokeMode qualifier cors" },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    judged: `eventSourceArn functionName batchSize enabled destinationConfig bisectBatchOnFunctionError
      functionResponseTypes maximumBatchingWindowInSeconds maximumRecordAgeInSeconds
      maximumRetryAttempts parallelizationFactor startingPosition scalingConfig`,
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    judged: "functionName qualifier destinationConfig maximumEventAgeInSeconds maximumRetryAttempts",
  },
};
