import { AUDIT } from "./audit/noun"; // #line audit
import type { Noun } from "./noun";

/** The nouns that have pages in the console, in the order of the navigation. */
export const NOUNS: Noun[] = [
  AUDIT, // #line audit
  // Add others here.
];
