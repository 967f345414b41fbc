// Customer orders: one row an order, with its customer's contact of now; and placing one.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { showMoney } from "../shell/money";
import { Moment } from "../shell/Moment";
import { session } from "../shell/session";
import { Table } from "../shell/Table";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import { draftOrder } from "./drafts";
import { Listed } from "./Listed";
import { intentOf, withNew } from "./overlay";
import { PlaceOrder } from "./PlaceOrder";
import { customerOrders } from "./reads";
import { Fold, ShopPage } from "./ShopNav";

export function OrdersPage() {
  return (
    <ShopPage title="Orders">
      {session.can("shop:write") && (
        <Fold title="Place an order">
          <PlaceOrder />
        </Fold>
      )}
      <CustomerOrders customer={null} />
    </ShopPage>
  );
}

export function CustomerOrders({ customer }: { customer: string | null }) {
  const read = useInfiniteQuery(customerOrders(customer));
  const intents = useIntents();
  const news = intents.filter((each) => customer === null || each.draft["customerId"] === customer);
  const rows = read.data?.pages.flatMap((page) => page.customerOrders) ?? [];
  const orders = withNew(rows, read.isSuccess ? news : [], "order.new", "orderId", draftOrder);
  return (
    <Listed reading={read} count={orders.length} empty="No orders yet">
      <Table
        label="Customer orders"
        rows={orders}
        keyOf={(order) => order.orderId}
        columns={[
          { name: "Placed", cell: (order) => <Moment at={order.placedAt} /> },
          {
            name: "Customer",
            cell: (order) => (
              <Link to="/shop/customers/$customerId" params={{ customerId: order.customerId }}>
                {order.name}
              </Link>
            ),
          },
          { name: "Email", cell: (order) => order.email },
          { name: "Phone", cell: (order) => order.phone },
          { name: "Amount", number: true, cell: (order) => showMoney(order.amount, order.currency) },
          {
            name: "Refunded",
            number: true,
            cell: (order) => (order.refunded === 0 ? "" : showMoney(order.refunded, order.currency)),
          },
          {
            name: "Order",
            cell: (order) => (
              <>
                <Link to="/shop/orders/$orderId" params={{ orderId: order.orderId }}>
                  {order.cancelled ? "Cancelled" : "Look"}
                </Link>{" "}
                <Chip intent={intentOf(intents, "orderId", order.orderId)} />
              </>
            ),
          },
        ]}
      />
    </Listed>
  );
}
