// The page put together: theme, queries, routes; and what interrupted writes need to go on.
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";

import { engine } from "../writes/writes";
import { queries } from "./queries";
import { router } from "./router";
import { useSession } from "./session";
import { theme } from "./theme";

export function App() {
  const subject = useSession()?.subject;
  useEffect(() => {
    queries.clear(); // what one person read is not another's
    engine.resume();
    void router.invalidate();
  }, [subject]);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
