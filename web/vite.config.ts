import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

import { themeCss } from "./theme-css.ts";

// For work on the page itself: LOCKSTEP_API is the address that `lockstep status` tells of the running system.
const proxy = { "/api": loadEnv("", ".", "LOCKSTEP_")["LOCKSTEP_API"] ?? "http://127.0.0.1:8000" };

export default defineConfig({
  plugins: [react(), themeCss()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    manifest: true,
  },
  server: { proxy },
  preview: { proxy },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
