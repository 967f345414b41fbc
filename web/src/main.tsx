import "@fontsource-variable/figtree/wght.css";
import "./shell/mantine";
import "virtual:theme.css";
import "./shell/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./shell/App";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
