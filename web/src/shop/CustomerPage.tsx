// One customer: contact, segment and region, each changed by itself; and their orders.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { Waiting, Wrong } from "../shell/Panels";
import { session } from "../shell/session";
import { isPending } from "../writes/intent";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import { draftCustomer } from "./drafts";
import { Editable, readText } from "./Editable";
import { change } from "./intents";
import { CustomerOrders } from "./OrdersPage";
import { drawOne } from "./overlay";
import { oneCustomer } from "./reads";
import styles from "./Shop.module.css";
import { ShopPage } from "./ShopNav";

const FACTS = ["name", "email", "phone", "segment", "region"] as const;

export function CustomerPage() {
  const { customerId } = useParams({ from: "/signed-in/shop/customers/$customerId" });
  const stream = `customer-${customerId}`;
  const read = useQuery(oneCustomer(customerId));
  const intents = useIntents();
  const fresh = intents.find((each) => each.kind === "customer.new" && each.stream === stream && isPending(each));
  const found = read.data ?? (fresh === undefined ? undefined : draftCustomer(fresh));
  if (found === undefined) {
    return (
      <ShopPage title="Customer">
        {read.isError ? <Wrong error={read.error} again={() => void read.refetch()} /> : <Waiting rows={2} />}
      </ShopPage>
    );
  }
  const { it: customer, intent } = drawOne(found, stream, intents);
  const may = session.can("shop:write");
  return (
    <ShopPage title={customer.name}>
      <section className={styles["panel"]} aria-label="Contact">
        <Chip intent={intent} />
        <dl className={styles["facts"]}>
          {FACTS.map((field) => (
            <div key={field}>
              <dt>{field}</dt>
              <dd>
                <Editable
                  name={field}
                  shown={customer[field]}
                  typed={customer[field]}
                  may={may && customer.version > 0}
                  of={customer}
                  read={readText}
                  onSave={(seen, value) => void change(seen, field, value)}
                />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <CustomerOrders customer={customerId} />
    </ShopPage>
  );
}
