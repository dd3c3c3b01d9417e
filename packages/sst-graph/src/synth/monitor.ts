import { runtime } from "@pulumi/pulumi";

import type { Plain } from "../graph";
import { generateOutputs } from "../outputs";
import { lookUp } from "./invoke";
import { markers } from "./markers";
import type { RecordedResource } from "./recording";

type Callback = (error: unknown, response: unknown) => void;
interface Struct {
  toJavaScript(): Record<string, Plain>;
}

/** The parts of the engine's RegisterResourceRequest that a graph needs. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProvider(): string;
  getObject(): Struct | undefined;
  getPropertydependenciesMap(): { entries(): Iterable<[string, { getUrnsList(): string[] }]> };
  getDependenciesList(): string[];
  getRetainondelete(): boolean;
  getProtect(): boolean;
  getIgnorechangesList(): string[];
}

/**
 * Replaces the deployment engine's resource monitor. Records the registered resources and returns
 * outputs with realistic shapes. Pulumi's own mock monitor provides neither the dependencies of
 * inputs nor the options of resources.
 */
export class RecordingMonitor {
  readonly recorded: RecordedResource[] = [];
  /** By component name, as the CLI lists them. */
  readonly devCommands: Record<string, Plain> = {};
  readonly #region: string;
  readonly #regions = new Map<string, string>();
  readonly #urns = new Set<string>();

  constructor(region: string) {
    this.#region = region;
  }

  registerResource(request: RegisterRequest, callback: Callback): void {
    reply(callback, () => this.#register(request));
  }

  registerResourceOutputs(request: { getUrn(): string; getOutputs(): Struct | undefined }, callback: Callback): void {
    reply(callback, () => {
      const { _dev: command } = markers.strip(request.getOutputs()?.toJavaScript() ?? {});
      if (command !== undefined) this.devCommands[request.getUrn().split("::").at(-1) ?? ""] = command;
      return {};
    });
  }

  invoke(request: { getTok(): string; getArgs(): Struct | undefined }, callback: Callback): void {
    reply(callback, () => {
      const inputs = markers.strip(request.getArgs()?.toJavaScript() ?? {});
      const result = lookUp(request.getTok(), inputs, this.#region);
      return { getReturn: () => ({ toJavaScript: () => result }), getFailuresList: () => [] };
    });
  }

  readResource(request: { getType(): string; getName(): string }, callback: Callback): void {
    const resource = `"${request.getName()}" (${request.getType()})`;
    callback(new Error(`${resource} is read from the AWS account, which a synthesis does not have`), undefined);
  }

  supportsFeature(request: { getId(): string }, callback: Callback): void {
    // With output values, inputs would be objects instead of plain values.
    callback(null, { getHassupport: () => request.getId() !== "outputValues" });
  }

  registerPackage(_request: unknown, callback: Callback): void {
    callback(null, { getRef: () => "" });
  }

  #register(request: RegisterRequest) {
    const type = request.getType();
    const urn = urnOf(request);
    if (this.#urns.has(urn))
      throw new Error(`"${request.getName()}" (${type}) is declared twice: use a different name`);
    this.#urns.add(urn);
    const inputs = request.getObject()?.toJavaScript() ?? {};
    const provider = request.getProvider().split("::").slice(0, 4).join("::");
    const region = this.#regions.get(provider) ?? this.#region;
    const dependencies = [...request.getPropertydependenciesMap().entries()];
    this.recorded.push({
      urn,
      type,
      name: request.getName(),
      parent: request.getParent(),
      custom: request.getCustom(),
      inputs,
      propertyDependencies: Object.fromEntries(dependencies.map(([key, value]) => [key, value.getUrnsList()])),
      dependencies: request.getDependenciesList(),
      region,
      provider,
      retainOnDelete: request.getRetainondelete(),
      protect: request.getProtect(),
      ignoreChanges: request.getIgnorechangesList(),
    });
    if (!request.getCustom()) return toResponse(urn, "", {});
    const state = markers.strip(inputs);
    if (type === "pulumi:providers:aws" && typeof state.region === "string") this.#regions.set(urn, state.region);
    const created = generateOutputs({ urn, type, name: request.getName(), region, inputs: state });
    return toResponse(urn, created.id, { ...state, ...created.outputs });
  }
}

function reply(callback: Callback, work: () => unknown): void {
  try {
    callback(null, work());
  } catch (error) {
    // gRPC clients read the text from `details`.
    callback(error instanceof Error ? Object.assign(error, { details: error.message }) : error, undefined);
  }
}

/**
 * Includes the whole chain of parent types, like the engine. Pulumi's mock monitor includes only
 * the last.
 */
function urnOf(request: RegisterRequest): string {
  const parentType = request.getParent().split("::")[2] ?? "";
  const atTop = parentType === "" || parentType === "pulumi:pulumi:Stack";
  const chain = atTop ? request.getType() : `${parentType}$${request.getType()}`;
  return `urn:pulumi:${runtime.getStack()}::${runtime.getProject()}::${chain}::${request.getName()}`;
}

function toResponse(urn: string, id: string, state: Record<string, Plain>) {
  return {
    getUrn: () => urn,
    getId: () => id,
    getObject: () => ({ toJavaScript: () => state }),
    getPropertydependenciesMap: () => undefined,
    getResult: () => 0,
  };
}
