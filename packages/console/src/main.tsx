import { render } from "preact";

import { App } from "./app";
import { ConfigError, loadConfig } from "./data/config";
import { repairNavigatorLanguage } from "./data/locale";
import { resume } from "./data/session";
import { Setup } from "./pages/setup";

const place = document.getElementById("app") as HTMLElement;

repairNavigatorLanguage(); // before a page with charts is loaded
try {
  const config = await loadConfig();
  document.title = `${config.stage} console`;
  const resuming = resume(config);
  place.replaceChildren();
  render(<App config={config} />, place);
  await resuming;
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  place.replaceChildren();
  render(<Setup message={error.message} />, place);
}
