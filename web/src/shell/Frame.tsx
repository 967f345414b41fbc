// What stands around every page: where one is, who one is, whether it is live, and what is being written.
import { Link, Outlet, useLocation } from "@tanstack/react-router";

import { useLive } from "../live/live";
import { Conflicts } from "../writes/Conflicts";
import { Tray } from "../writes/Tray";
import styles from "./Frame.module.css";
import { LiveMark } from "./LiveMark";
import { Person } from "./Person";
import { Scheme } from "./Scheme";
import { useSession } from "./session";

const PAGES = [
  { to: "/posts", name: "Posts" },
  { to: "/accounts", name: "Accounts" },
  { to: "/shop", name: "Shop" },
  { to: "/questions", name: "Questions" },
] as const;

export function Frame() {
  const person = useSession();
  const { pathname } = useLocation();
  useLive();
  return (
    <div className={styles["frame"]}>
      <a className={styles["skip"]} href="#main">
        Skip to the content
      </a>
      <header className={styles["header"]}>
        <div className={styles["bar"]}>
          <Link to="/" className={styles["brand"]} aria-label="Lockstep, home">
            <img src="/icon.svg" alt="" width={26} height={26} />
            <span>Lockstep</span>
          </Link>
          {person !== null && (
            <nav className={styles["nav"]} aria-label="Pages">
              {PAGES.map((page) => (
                <Link
                  key={page.to}
                  to={page.to}
                  className={styles["tab"]}
                  aria-current={pathname.startsWith(page.to) ? "page" : undefined}
                >
                  {page.name}
                </Link>
              ))}
            </nav>
          )}
          <div className={styles["side"]}>
            {person !== null && <LiveMark />}
            <Scheme />
            {person !== null && <Person subject={person.subject} />}
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className={styles["main"]}>
        <Outlet />
      </main>
      {person !== null && <Tray />}
      {person !== null && <Conflicts />}
    </div>
  );
}
