import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Api } from "./data/api";
import type { Config } from "./data/config";

export interface AppContext {
  config: Config;
  api: Api;
  /** Opens the dialog that mints a test token. Offline only. */
  openTokenDialog(): void;
}

const Context = createContext<AppContext | undefined>(undefined);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (app === undefined) throw new Error("useApp() was called outside AppProvider");
  return app;
}
