import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import styles from "./Shop.module.css";

const PARTS = [
  { to: "/shop", name: "Orders" },
  { to: "/shop/customers", name: "Customers" },
  { to: "/shop/products", name: "Products" },
  { to: "/shop/promotions", name: "Promotions" },
] as const;

/** A page of the shop, under its title and the way to the others. */
export function ShopPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles["page"]}>
      <h1>{title}</h1>
      <nav className={styles["parts"]} aria-label="The shop">
        {PARTS.map((part) => (
          <Link key={part.to} to={part.to} activeOptions={{ exact: true }}>
            {part.name}
          </Link>
        ))}
      </nav>
      {children}
    </div>
  );
}

/** Something that is only asked for now and then. */
export function Fold({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className={styles["fold"]}>
      <summary>{title}</summary>
      <div className={styles["folded"]}>{children}</div>
    </details>
  );
}
