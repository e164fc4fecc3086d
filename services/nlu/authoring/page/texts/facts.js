/** What the starter topics' facts are called; a fact of the shop's own is called as it was named. */
export default {
  nb: {
    delivery_methods: "Leveringsmåter", delivery_countries: "Land dere leverer til", delivery_price: "Frakt: pris",
    delivery_time: "Leveringstid", payment_methods: "Betalingsmåter", return_days: "Dager med returrett",
    return_how: "Slik returnerer man", return_price: "Retur: pris", refund_days: "Dager før pengene er tilbake",
    exchange_how: "Slik bytter man", invoice_days: "Betalingsfrist i dager", discount: "Rabatter", gift_card: "Gavekort",
    store_address: "Hvor butikken er", support_email: "E-post til kundeservice", size_guide_url: "Lenke: størrelser",
    account_url: "Lenke: min side", newsletter_url: "Lenke: nyhetsbrev", order_url: "Lenke: mine ordrer", privacy_url: "Lenke: personvern",
  },
  sv: {
    delivery_methods: "Leveranssätt", delivery_countries: "Länder ni levererar till", delivery_price: "Frakt: pris",
    delivery_time: "Leveranstid", payment_methods: "Betalsätt", return_days: "Dagar med returrätt",
    return_how: "Så returnerar man", return_price: "Retur: pris", refund_days: "Dagar tills pengarna är tillbaka",
    exchange_how: "Så byter man", invoice_days: "Betalningstid i dagar", discount: "Rabatter", gift_card: "Presentkort",
    store_address: "Var butiken finns", support_email: "E-post till kundtjänst", size_guide_url: "Länk: storlekar",
    account_url: "Länk: mina sidor", newsletter_url: "Länk: nyhetsbrev", order_url: "Länk: mina ordrar", privacy_url: "Länk: integritet",
  },
  en: {
    delivery_methods: "Ways of delivery", delivery_countries: "Countries you deliver to", delivery_price: "Delivery: price",
    delivery_time: "Delivery time", payment_methods: "Ways to pay", return_days: "Days to return",
    return_how: "How to return", return_price: "Return: price", refund_days: "Days until the money is back",
    exchange_how: "How to exchange", invoice_days: "Days to pay an invoice", discount: "Discounts", gift_card: "Gift cards",
    store_address: "Where the shop is", support_email: "Customer service's e-mail", size_guide_url: "Link: sizes",
    account_url: "Link: my account", newsletter_url: "Link: newsletter", order_url: "Link: my orders", privacy_url: "Link: privacy",
  },
};
