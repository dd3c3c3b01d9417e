import { AUDIT } from "./audit/noun"; // #line audit
import type { Noun } from "./noun";

/** The nouns that the console has pages of, in the order of its navigation. */
export const NOUNS: Noun[] = [
  AUDIT, // #line audit
  // Others are added here.
];
