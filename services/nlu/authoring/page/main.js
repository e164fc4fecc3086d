/** The authoring page: log-in form or studio. */
import { api, at } from "./api.js";
import { enter } from "./shared/entry.js";
import { teach } from "./shared/words.js";
import { studioScreen } from "./studio.js";
import da from "./texts/da.js";
import en from "./texts/en.js";
import fi from "./texts/fi.js";
import nb from "./texts/nb.js";
import sv from "./texts/sv.js";

teach({ nb, sv, da, fi, en });
await enter({
  api, screen: studioScreen,
  isIn: (me) => Boolean(me.editor),
  left: () => Object.assign(at, { shop: null, mark: null }),
});
