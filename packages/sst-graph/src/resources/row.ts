import type { Plain } from "../graph";
import type { Names } from "../names";

/** The ID of a new resource, and the outputs that other resources may use. */
export interface Created {
  id: string;
  outputs: Record<string, Plain>;
  /** Outputs whose value is a secret. */
  secrets?: string[];
}

/** Generates the outputs of a resource. */
export type Row = (names: Names) => Created;

/** A resource whose outputs no other resource uses. */
export const idOnly: Row = (names) => ({ id: names.id(16), outputs: {} });

/** A resource whose ID is its name. */
export const idIsName =
  (service: string, resource: (name: string) => string): Row =>
  (names) => ({ id: names.input("name"), outputs: { arn: names.arn(service, resource(names.input("name"))) } });
