// The page's own words. Names of topics come from the merchant's content.

const nb = {
  statistics: "Statistikk", skip: "Hopp til innholdet", period: "Periode", language: "Språk",
  today: "I dag", week: "Siste 7 dager", month: "Siste 30 dager", quarter: "Siste 90 dager",
  leave: "Lås igjen", open: "Åpne", openTitle: "Åpne statistikken",
  openWhy: "Skriv butikkens id og nøkkelen dere har fått. Nøkkelen blir i denne fanen til den lukkes.",
  shopId: "Butikkens id", key: "Nøkkel",
  madeFrom: "Hver samtale teller én gang. Ingen tekst, ingen navn, ingen id-er; det færre enn {k} samtaler deler, vises ikke for seg.",
  empty: "Ikke noe å vise i denne perioden ennå. Et tall kommer når minst {k} samtaler deler det, slik at ingen kan kjennes igjen.",
  questions: "Spørsmål", answered: "Besvart", fallback: "Ikke forstått", handed: "Sendt til menneske",
  wait: "Ventetid, typisk", waitNote: "9 av 10 innen {p90}", ofAll: "{n} av {all}", ofQuestions: "{share} av spørsmålene",
  none: "Ingen",
  neverCounted: "Ingenting er talt ennå", counted: "Sist talt for {ago} siden", checking: "Henter …",
  lost: "Får ikke kontakt akkurat nå. Tallene under er de siste vi fikk; siden prøver igjen av seg selv.",
  wrongTitle: "Nøkkelen åpner ikke denne butikkens statistikk.",
  wrongFix: "Se etter at id og nøkkel hører sammen. Lenken som «prat demo» skriver ut, har begge; nøkkelen står også i filen stats-<butikk>.token.",
  otherTitle: "Statistikken kunne ikke hentes.", otherFix: "Prøv igjen om litt. Vedvarer det, kjør «prat doctor».",
  table: "Vis som tabell", csv: "Last ned CSV", count: "Antall", share: "Andel", total: "I alt {n}",
  perDay: "Samtaler per dag", perHour: "Samtaler per time på døgnet", topics: "Emner", languages: "Språk",
  outcomes: "Utfall", waits: "Ventetid i kø", cases: "Samtaler hos kundeservice", mentions: "Nevnt i spørsmålene (fjernet)",
  lengths: "Meldingenes lengde", day: "Dag", hour: "Time", topic: "Emne", outcome: "Utfall", step: "Steg",
  kind: "Slag", length: "Lengde", upTo: "Ventet", most: "flest: {what} ({n})",
  words: {
    answered: "Besvart", asked_fact: "Spurte etter noe", clarified: "Spurte hva som ble ment", fallback: "Ikke forstått", handoff_offered: "Tilbød et menneske",
    short: "Kort", medium: "Middels", long: "Lang", unmaskable: "Kunne ikke avidentifiseres",
    queued: "Satt i kø", filed: "Beskjed utenom åpningstid", assigned: "Tatt av medarbeider", solved: "Løst", unsolved: "Ikke løst", abandoned: "Forlatt", erased: "Slettet",
    order_number: "Ordrenummer", tracking_number: "Sporingsnummer", email: "E-post", phone: "Telefon", person: "Navn",
    address: "Adresse", postcode_city: "Postnummer og sted", national_id: "Personnummer", payment_card: "Betalingskort",
    iban: "Kontonummer", ip: "IP-adresse", url_token: "Lenke med nøkkel", date_of_birth: "Fødselsdato", number: "Annet langt tall",
    other: "Annet",
  },
  within: "innen {time}", longer: "over {time}", s: "{n} s", min: "{n} min", h: "{n} t",
};

const sv = {
  statistics: "Statistik", skip: "Hoppa till innehållet", period: "Period", language: "Språk",
  today: "I dag", week: "Senaste 7 dagarna", month: "Senaste 30 dagarna", quarter: "Senaste 90 dagarna",
  leave: "Lås igen", open: "Öppna", openTitle: "Öppna statistiken",
  openWhy: "Skriv butikens id och nyckeln ni har fått. Nyckeln stannar i den här fliken tills den stängs.",
  shopId: "Butikens id", key: "Nyckel",
  madeFrom: "Varje samtal räknas en gång. Ingen text, inga namn, inga id:n; det färre än {k} samtal delar visas inte för sig.",
  empty: "Inget att visa i den här perioden än. En siffra kommer när minst {k} samtal delar den, så att ingen kan kännas igen.",
  questions: "Frågor", answered: "Besvarade", fallback: "Inte förstådda", handed: "Till en människa",
  wait: "Väntetid, typisk", waitNote: "9 av 10 inom {p90}", ofAll: "{n} av {all}", ofQuestions: "{share} av frågorna",
  none: "Ingen",
  neverCounted: "Inget har räknats än", counted: "Senast räknat för {ago} sedan", checking: "Hämtar …",
  lost: "Ingen kontakt just nu. Siffrorna nedan är de senaste vi fick; sidan försöker igen av sig själv.",
  wrongTitle: "Nyckeln öppnar inte den här butikens statistik.",
  wrongFix: "Kontrollera att id och nyckel hör ihop. Länken som ”prat demo” skriver ut har båda; nyckeln finns också i filen stats-<butik>.token.",
  otherTitle: "Statistiken kunde inte hämtas.", otherFix: "Försök igen om en stund. Om det består, kör ”prat doctor”.",
  table: "Visa som tabell", csv: "Ladda ner CSV", count: "Antal", share: "Andel", total: "Totalt {n}",
  perDay: "Samtal per dag", perHour: "Samtal per timme på dygnet", topics: "Ämnen", languages: "Språk",
  outcomes: "Utfall", waits: "Väntetid i kö", cases: "Samtal hos kundtjänst", mentions: "Nämnt i frågorna (borttaget)",
  lengths: "Meddelandenas längd", day: "Dag", hour: "Timme", topic: "Ämne", outcome: "Utfall", step: "Steg",
  kind: "Slag", length: "Längd", upTo: "Väntade", most: "flest: {what} ({n})",
  words: {
    answered: "Besvarad", asked_fact: "Frågade efter något", clarified: "Frågade vad som menades", fallback: "Inte förstådd", handoff_offered: "Erbjöd en människa",
    short: "Kort", medium: "Medel", long: "Långt", unmaskable: "Kunde inte avidentifieras",
    queued: "Ställd i kö", filed: "Meddelande utanför öppettiderna", assigned: "Tagen av medarbetare", solved: "Löst", unsolved: "Inte löst", abandoned: "Övergiven", erased: "Raderad",
    order_number: "Ordernummer", tracking_number: "Spårningsnummer", email: "E-post", phone: "Telefon", person: "Namn",
    address: "Adress", postcode_city: "Postnummer och ort", national_id: "Personnummer", payment_card: "Betalkort",
    iban: "Kontonummer", ip: "IP-adress", url_token: "Länk med nyckel", date_of_birth: "Födelsedatum", number: "Annat långt tal",
    other: "Annat",
  },
  within: "inom {time}", longer: "över {time}", s: "{n} s", min: "{n} min", h: "{n} tim",
};

const en = {
  statistics: "Statistics", skip: "Skip to content", period: "Period", language: "Language",
  today: "Today", week: "Last 7 days", month: "Last 30 days", quarter: "Last 90 days",
  leave: "Lock", open: "Open", openTitle: "Open the statistics",
  openWhy: "Enter the shop's id and the key you were given. The key stays in this tab until it is closed.",
  shopId: "Shop id", key: "Key",
  madeFrom: "Every conversation counts once. No text, no names, no ids; what fewer than {k} conversations share is not shown on its own.",
  empty: "Nothing to show in this period yet. A figure comes once at least {k} conversations share it, so that nobody can be recognised.",
  questions: "Questions", answered: "Answered", fallback: "Not understood", handed: "Handed to a person",
  wait: "Waiting time, typical", waitNote: "9 in 10 within {p90}", ofAll: "{n} of {all}", ofQuestions: "{share} of questions",
  none: "None",
  neverCounted: "Nothing has been counted yet", counted: "Last event counted {ago} ago", checking: "Loading …",
  lost: "No contact right now. The figures below are the last we got; the page keeps trying.",
  wrongTitle: "The key does not open this shop's statistics.",
  wrongFix: "Check that id and key belong together. The link that “prat demo” prints has both; the key is also in the file stats-<shop>.token.",
  otherTitle: "The statistics could not be fetched.", otherFix: "Try again in a moment. If it lasts, run “prat doctor”.",
  table: "Show as table", csv: "Download CSV", count: "Count", share: "Share", total: "{n} in all",
  perDay: "Conversations per day", perHour: "Conversations per hour of the day", topics: "Topics", languages: "Languages",
  outcomes: "Outcomes", waits: "Waiting time in the queue", cases: "Conversations with people", mentions: "Mentioned in questions (removed)",
  lengths: "Length of messages", day: "Day", hour: "Hour", topic: "Topic", outcome: "Outcome", step: "Step",
  kind: "Kind", length: "Length", upTo: "Waited", most: "most: {what} ({n})",
  words: {
    answered: "Answered", asked_fact: "Asked for a fact", clarified: "Asked what was meant", fallback: "Not understood", handoff_offered: "Offered a person",
    short: "Short", medium: "Medium", long: "Long", unmaskable: "Could not be stripped",
    queued: "Queued", filed: "Message out of hours", assigned: "Taken by an agent", solved: "Solved", unsolved: "Not solved", abandoned: "Abandoned", erased: "Erased",
    order_number: "Order number", tracking_number: "Tracking number", email: "E-mail", phone: "Telephone", person: "Name",
    address: "Address", postcode_city: "Postcode and town", national_id: "National id", payment_card: "Payment card",
    iban: "Account number", ip: "IP address", url_token: "Link with a key", date_of_birth: "Date of birth", number: "Other long number",
    other: "Other",
  },
  within: "within {time}", longer: "over {time}", s: "{n} s", min: "{n} min", h: "{n} h",
};

export const LANGUAGES = { nb, sv, en };

/** The page's language: chosen before, else the browser's, else Norwegian. */
export function firstLanguage(chosen, wished) {
  const known = [chosen, ...wished.map((tag) => tag.slice(0, 2).replace(/^n[no]$/, "nb"))];
  return known.find((tag) => Object.hasOwn(LANGUAGES, tag ?? "")) ?? "nb";
}

/** A text with its {values} put in. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Seconds as people say them. */
export function duration(seconds, words) {
  const n = Math.max(0, Math.round(seconds));
  if (n < 120) return fill(words.s, { n });
  return n < 7200 ? fill(words.min, { n: Math.round(n / 60) }) : fill(words.h, { n: Math.round(n / 3600) });
}

/** A bound of waiting time: "60" is "within 60 s", "longer" is above the last bound. */
export function waited(bound, words, last = 14400) {
  return bound === "longer"
    ? fill(words.longer, { time: duration(last, words) })
    : fill(words.within, { time: duration(Number(bound), words) });
}
