import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Api } from "./data/api";
import type { Config } from "./data/config";

export interface AppContext {
  config: Config;
  api: Api;
  /** Opens the dialog for a token at a click. */
  askForToken(): void;
}

const Context = createContext<AppContext | undefined>(undefined);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (app === undefined) throw new Error("there is no app around this component");
  return app;
}
