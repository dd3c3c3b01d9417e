import { idOnly, type Row } from "./row";

export const LAMBDA: Record<`aws:lambda/${string}`, Row> = {
  "aws:lambda/eventSourceMapping:EventSourceMapping": (names) => ({ id: names.uuid(), outputs: {} }),
  "aws:lambda/function:Function": (names) => {
    const arn = names.arn("lambda", `function:${names.input("name")}`);
    const invokeArn = `arn:aws:apigateway:${names.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    return {
      id: names.input("name"),
      outputs: {
        arn,
        invokeArn,
        qualifiedArn: `${arn}:$LATEST`,
        qualifiedInvokeArn: invokeArn.replace(arn, `${arn}:$LATEST`),
        version: "$LATEST",
      },
    };
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": idOnly,
  "aws:lambda/permission:Permission": idOnly,
};
