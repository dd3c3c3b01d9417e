import type { Resource, Value } from "@backend/sst-graph/graph";
import { isAsset, isJsonText, isObject, isReference, isSecret, unescapeMarker } from "@backend/sst-graph/reference";

import { descriptionOf } from "./described";
import type { Rule } from "./rule";
import { found, isUnknown } from "./view";

/** On any type. */
const EVERYWHERE = ["tags", "tagsAll", "region"];
/** What the provider adds is AWS's own default. */
const DEFAULTS = ["path:/", "integrationType:INTERNET"];

export const PROPERTY_RULES: Rule[] = [
  {
    id: "property-judged",
    severity: "low",
    title: "Every property of a resource is one that somebody has thought about",
    reason:
      "A setting that no rule knows passes with any value: a network, a replica, a log of bodies, a longer session.",
    fix: "Write a rule for it, or describe it in sst-policy, src/resources, if it cannot open access or lose data.",
    declaredOnly: true,
    check: ({ graph }) =>
      graph.resources.flatMap((resource) =>
        strangePathsOf(resource).map((path) => found(resource, path, "no rule judges this property")),
      ),
  },
];

const strangePaths = new WeakMap<Resource, string[]>();

function strangePathsOf(resource: Resource): string[] {
  const paths = strangePaths.get(resource) ?? readStrangePaths(resource);
  strangePaths.set(resource, paths);
  return paths;
}

function readStrangePaths({ type, inputs }: Resource): string[] {
  const description = descriptionOf(type);
  if (description === undefined || "unjudged" in description || description.judged === "*") return [];
  const judged = new Set([...description.judged.split(/\s+/), ...EVERYWHERE]);
  return Object.entries(inputs).flatMap(([key, value]) => strange(judged, key, value));
}

function strange(judged: Set<string>, path: string, value: Value): string[] {
  const place = path.replaceAll(/\.\d+(?=\.|$)/g, "");
  if (judged.has(place) || isNothing(value) || DEFAULTS.includes(`${place}:${value}`)) return [];
  const isPrefix = [...judged].some((one) => one.startsWith(`${place}.`));
  if (!isPrefix) return [path];
  if (Array.isArray(value)) return value.flatMap((item, at) => strange(judged, `${path}.${at}`, item));
  if (value === null || !isObject(value) || isMarker(value)) return [path];
  return Object.entries(unescapeMarker(value)).flatMap(([key, item]) => strange(judged, `${path}.${key}`, item));
}

/** What is empty or off asks AWS for nothing. */
function isNothing(value: Value): boolean {
  if (value === null || value === false || value === "" || value === 0) return true;
  return (
    typeof value === "object" && !isMarker(value) && Object.values(value).every((item) => isNothing(item as Value))
  );
}

function isMarker(value: Value): boolean {
  return isReference(value) || isSecret(value) || isAsset(value) || isJsonText(value) || isUnknown(value);
}
