// The page's colours and type. Everything else follows from these; what the content security policy and contrast ask
// for beyond Mantine is in base.css.
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const pine: MantineColorsTuple = [
  "#eaf6f3", "#d3eae5", "#a6d5cb", "#75bfb0", "#4dac99", "#34a08b", "#239a83", "#12705f", "#0c5b4d", "#05473c",
]; // prettier-ignore

const dark: MantineColorsTuple = [
  "#dfe6e3", "#c3cdc9", "#a3b0ab", "#7f8d88", "#4a5652", "#36403d", "#27302d", "#1b2220", "#141a18", "#0e1211",
]; // prettier-ignore

export const theme = createTheme({
  primaryColor: "pine",
  primaryShade: { light: 7, dark: 7 },
  colors: { pine, dark },
  fontFamily: "'Figtree Variable', ui-sans-serif, system-ui, sans-serif",
  headings: { fontFamily: "'Figtree Variable', ui-sans-serif, system-ui, sans-serif", fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});
