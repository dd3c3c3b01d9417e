import type { Resource, Value } from "@backend/sst-graph/graph";
import { isAsset, isJsonText, isObject, isReference, isSecret, unescapeMarker } from "@backend/sst-graph/reference";

import { descriptionOf } from "./described";
import type { Rule } from "./rule";
import { flag, isUnknown } from "./view";

/** Properties that every type may have. */
const EVERYWHERE = ["tags", "tagsAll", "region"];
/** Values that the provider adds, which are AWS's defaults. */
const DEFAULTS = ["path:/", "integrationType:INTERNET"];

export const PROPERTY_RULES: Rule[] = [
  {
    id: "property-judged",
    severity: "low",
    title: "The policy has a description of every property in use",
    reason:
      "A setting that no rule knows passes with any value: a network, a replica, a log of bodies, a longer session.",
    fix:
      "Write a rule for it, or describe it in packages/sst-policy/src/resources if it cannot open access or " +
      "lose data.",
    declaredOnly: true,
    check: ({ graph }) =>
      graph.resources.flatMap((resource) =>
        undescribedPathsOf(resource).map((path) => flag(resource, path, "no rule checks this property")),
      ),
  },
];

const cache = new WeakMap<Resource, string[]>();

function undescribedPathsOf(resource: Resource): string[] {
  const paths = cache.get(resource) ?? findUndescribedPaths(resource);
  cache.set(resource, paths);
  return paths;
}

function findUndescribedPaths({ type, inputs }: Resource): string[] {
  const description = descriptionOf(type);
  if (description === undefined || "unjudged" in description || description.judged === "*") return [];
  const judged = new Set([...description.judged.split(/\s+/), ...EVERYWHERE]);
  return Object.entries(inputs).flatMap(([key, value]) => findUndescribed(judged, key, value));
}

function findUndescribed(judged: Set<string>, path: string, value: Value): string[] {
  const property = path.replaceAll(/\.\d+(?=\.|$)/g, "");
  if (judged.has(property) || isEmpty(value) || DEFAULTS.includes(`${property}:${value}`)) return [];
  const isPrefix = [...judged].some((one) => one.startsWith(`${property}.`));
  if (!isPrefix) return [path];
  if (Array.isArray(value)) return value.flatMap((item, at) => findUndescribed(judged, `${path}.${at}`, item));
  if (value === null || !isObject(value) || isMarker(value)) return [path];
  return Object.entries(unescapeMarker(value)).flatMap(([key, item]) =>
    findUndescribed(judged, `${path}.${key}`, item),
  );
}

/** True for values that are empty or off: they change nothing in AWS. */
function isEmpty(value: Value): boolean {
  if (value === null || value === false || value === "" || value === 0) return true;
  return typeof value === "object" && !isMarker(value) && Object.values(value).every((item) => isEmpty(item as Value));
}

function isMarker(value: Value): boolean {
  return isReference(value) || isSecret(value) || isAsset(value) || isJsonText(value) || isUnknown(value);
}
