// Mantine's CSS variables as a file. At run time it would write them into a <style> element, which the content security
// policy refuses; the theme is known when the page is built, so they are written then.
import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from "@mantine/core";
import type { Plugin } from "vite";

import { theme } from "./src/shell/theme.ts";

const NAME = "virtual:theme.css";

export function themeCss(): Plugin {
  return {
    name: "theme-css",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) =>
      id === `\0${NAME}`
        ? convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)))
        : undefined,
  };
}
