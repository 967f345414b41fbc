// Every address of the page. Each page is a file of its own, fetched when it is first asked for.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { readFilter } from "../posts/filter";
import { Frame } from "./Frame";
import { Broken, Missing } from "./Panels";
import { session } from "./session";

const root = createRootRoute({ component: Frame, notFoundComponent: Missing, errorComponent: Broken });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { to?: string | undefined } => {
    // only an address of this page: nobody is sent elsewhere by a link to it. Left out, it would stay as it came
    const to = search["to"];
    return typeof to === "string" && /^\/(?!\/|\\)/.test(to) ? { to } : { to: undefined };
  },
  component: lazyRouteComponent(() => import("./SignIn"), "SignIn"),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: ({ location }) => {
    if (session.get() === null) throw redirect({ to: "/sign-in", search: { to: location.href }, replace: true });
  },
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/posts", replace: true });
  },
});

const feed = createRoute({
  getParentRoute: () => signedIn,
  path: "/posts",
  validateSearch: readFilter,
  component: lazyRouteComponent(() => import("../posts/FeedPage"), "FeedPage"),
});

const thread = createRoute({
  getParentRoute: () => signedIn,
  path: "/posts/$postId",
  component: lazyRouteComponent(() => import("../posts/ThreadPage"), "ThreadPage"),
});

const accounts = createRoute({
  getParentRoute: () => signedIn,
  path: "/accounts",
  component: lazyRouteComponent(() => import("../accounts/AccountsPage"), "AccountsPage"),
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: "/accounts/$accountId",
  component: lazyRouteComponent(() => import("../accounts/AccountPage"), "AccountPage"),
});

const shopOrders = createRoute({
  getParentRoute: () => signedIn,
  path: "/shop",
  component: lazyRouteComponent(() => import("../shop/OrdersPage"), "OrdersPage"),
});

const shopOrder = createRoute({
  getParentRoute: () => signedIn,
  path: "/shop/orders/$orderId",
  component: lazyRouteComponent(() => import("../shop/OrderPage"), "OrderPage"),
});

const shopCustomers = createRoute({
  getParentRoute: () => signedIn,
  path: "/shop/customers",
  component: lazyRouteComponent(() => import("../shop/CustomersPage"), "CustomersPage"),
});

const shopCustomer = createRoute({
  getParentRoute: () => signedIn,
  path: "/shop/customers/$customerId",
  component: lazyRouteComponent(() => import("../shop/CustomerPage"), "CustomerPage"),
});

const shopProducts = createRoute({
  getParentRoute: () => signedIn,
  path: "/shop/products",
  component: lazyRouteComponent(() => import("../shop/ProductsPage"), "ProductsPage"),
});

const shopPromotions = createRoute({
  getParentRoute: () => signedIn,
  path: "/shop/promotions",
  component: lazyRouteComponent(() => import("../shop/PromotionsPage"), "PromotionsPage"),
});

const questions = createRoute({
  getParentRoute: () => signedIn,
  path: "/questions",
  component: lazyRouteComponent(() => import("../dashboard/DashboardPage"), "DashboardPage"),
});

const shop = [shopOrders, shopOrder, shopCustomers, shopCustomer, shopProducts, shopPromotions] as const;

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signedIn.addChildren([home, feed, thread, accounts, account, ...shop, questions]),
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
