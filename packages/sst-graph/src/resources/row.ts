import type { Plain } from "../graph";
import type { Names } from "../names";

/** What AWS returns for a new resource: the id, and each output that other resources may use. */
export interface Created {
  id: string;
  outputs: Record<string, Plain>;
  /** Outputs whose value is a secret. */
  secrets?: string[];
}

/** Makes the outputs of a resource. The keys of a file's record limit it to the types of its service. */
export type Row = (names: Names) => Created;

/** A resource without outputs that others use. */
export const idOnly: Row = (names) => ({ id: names.id(16), outputs: {} });

/** A resource that is identified by its name. */
export const named =
  (service: string, resource: (name: string) => string): Row =>
  (names) => ({ id: names.input("name"), outputs: { arn: names.arn(service, resource(names.input("name"))) } });
