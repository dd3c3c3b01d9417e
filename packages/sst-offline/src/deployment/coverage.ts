import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf } from "../kit/json";
import { ACM } from "./resources/acm";
import { APIGATEWAYV2 } from "./resources/apigatewayv2";
import { CLOUDFRONT } from "./resources/cloudfront";
import { CLOUDWATCH } from "./resources/cloudwatch";
import { COGNITO } from "./resources/cognito";
import { DYNAMODB } from "./resources/dynamodb";
import { IAM } from "./resources/iam";
import { LAMBDA } from "./resources/lambda";
import { OTHERS } from "./resources/others";
import type { Coverage, Gap } from "./resources/reasons";
import { ROUTE53 } from "./resources/route53";
import { S3 } from "./resources/s3";
import { SCHEDULER } from "./resources/scheduler";
import { SNS } from "./resources/sns";
import { SQS } from "./resources/sqs";
import { WAFV2 } from "./resources/wafv2";

const COVERAGE: Readonly<Record<string, Coverage>> = {
  ...ACM,
  ...APIGATEWAYV2,
  ...CLOUDFRONT,
  ...CLOUDWATCH,
  ...COGNITO,
  ...DYNAMODB,
  ...IAM,
  ...LAMBDA,
  ...ROUTE53,
  ...S3,
  ...SCHEDULER,
  ...SNS,
  ...SQS,
  ...WAFV2,
  ...OTHERS,
};

/** The parts of a deployment that `gapsOf` reads. */
export interface Declarations {
  graph: Pick<ResolvedGraph, "resources"> & Partial<Pick<ResolvedGraph, "functions">>;
  edge?: { urn: string } | undefined;
}

/**
 * Lists what the graph declares and offline does not simulate, including unknown types and inputs.
 */
export function gapsOf({ graph, edge }: Declarations): Gap[] {
  const declared = graph.resources.filter(({ type }) => !type.startsWith("sst:"));
  const gaps = [
    ...declared.flatMap((resource) => gapsIn(resource, edge?.urn)),
    ...(graph.functions ?? []).flatMap(gapsOfBuild),
  ];
  const distinct = new Map(gaps.map((gap) => [`${gap.what}\n${gap.why}`, gap]));
  return [...distinct.values()].sort((a, b) => a.what.localeCompare(b.what));
}

function gapsOfBuild({ name, links = [], copyFiles, bundle }: ResolvedGraph["functions"][number]): Gap[] {
  const gaps: Gap[] = [];
  if (links.length > 0) {
    const why = `the function "${name}" links ${links.join(", ")}: reading Resource.* throws`;
    gaps.push({ what: "links", why });
  }
  if (copyFiles)
    gaps.push({ what: "copied files", why: `the function "${name}" declares copyFiles: no files are copied` });
  if (bundle)
    gaps.push({ what: "bundles", why: `the function "${name}" declares bundle: its handler is built from source` });
  return gaps;
}

function gapsIn(resource: ResolvedResource, edgeUrn: string | undefined): Gap[] {
  const { name, type } = resource;
  const coverage = Object.hasOwn(COVERAGE, type) ? COVERAGE[type] : undefined;
  if (coverage === undefined)
    return [{ what: name, why: `resources of type ${type} are not simulated`, unknown: true }];
  if (typeof coverage === "function") return toList(coverage(null, resource, edgeUrn));
  return Object.entries(resource.inputs).flatMap(([key, value]) => {
    const handling = coverage[key];
    if (handling === true) return [];
    if (typeof handling === "function") return toList(handling(value, resource));
    const members =
      handling === undefined || typeof value !== "object"
        ? [key]
        : Object.keys(objectOf(value))
            .filter((member) => !handling.includes(member))
            .map((member) => `${key}.${member}`);
    return members.map(
      (member): Gap => ({ what: `${name}.${member}`, why: `this input of ${type} is not simulated`, unknown: true }),
    );
  });
}

function toList(gap: Gap | undefined): Gap[] {
  return gap === undefined ? [] : [gap];
}
