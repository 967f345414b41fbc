// Rules that find mistakes without knowing types: what types can tell, the compiler tells, in a tenth of the time. How the
// text looks is prettier's.
import hooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import ts from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts", "scripts", "public", "*.js", "*.ts"] },
  ts.configs.strict,
  hooks.configs.flat["recommended-latest"],
);
