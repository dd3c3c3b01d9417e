import { type AwsCall, AwsError, type AwsResponse } from "../kit/aws-call";
import type { LambdaFunction } from "./function";
import type { ReservedConcurrency } from "./service";

/**
 * The operations that stop and resume a function.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
 *
 * @param functions by ARN
 * @param reserved keeps what is set for the deployments that follow
 */
export function createLambdaApi(functions: ReadonlyMap<string, LambdaFunction>, reserved: ReservedConcurrency) {
  return async ({ operation, input }: AwsCall): Promise<AwsResponse> => {
    const lambda = functionIn(input);
    switch (operation) {
      case "GetFunctionConcurrency":
        return { status: 200, body: concurrencyOf(lambda) };
      case "PutFunctionConcurrency":
        reserve(lambda, limitIn(input));
        return { status: 200, body: concurrencyOf(lambda) };
      case "DeleteFunctionConcurrency":
        reserve(lambda, undefined);
        return { status: 204, body: "" };
      default:
        throw new AwsError("UnknownOperationException", `lambda:${operation} is not served here`, 404);
    }
  };

  function reserve(lambda: LambdaFunction, limit: number | undefined): void {
    reserved.set(lambda.config.name, limit);
    lambda.reserveConcurrency(limit);
  }

  /** By name, ARN, or the part of an ARN that begins with the account. */
  function functionIn({ FunctionName }: AwsCall["input"]): LambdaFunction {
    const name = String(FunctionName).split(":").at(-1);
    const found = [...functions.values()].find(({ config }) => config.name === name);
    if (found !== undefined) return found;
    throw new AwsError("ResourceNotFoundException", `Function not found: ${FunctionName}`, 404);
  }
}

function concurrencyOf({ reservedConcurrency }: LambdaFunction): string {
  return JSON.stringify({ ReservedConcurrentExecutions: reservedConcurrency });
}

function limitIn({ ReservedConcurrentExecutions: limit }: AwsCall["input"]): number {
  if (typeof limit === "number" && Number.isInteger(limit) && limit >= 0) return limit;
  const message = "ReservedConcurrentExecutions: expected a whole number of at least 0";
  throw new AwsError("InvalidParameterValueException", message, 400);
}
