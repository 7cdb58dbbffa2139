// The console: one stream of events, drawn on the map, in the lists and in the header.

import { connect, listen } from "./store.js";
import { drawMap, makeMap } from "./map.js";
import { drawLists, makeLists } from "./lists.js";
import { drawFrame, makeFrame, showLink } from "./frame.js";
import { makeActions } from "./actions.js";
import { drawLeftOut, makeConditions } from "./conditions.js";
import { drawPanel, makePanel } from "./help/panel.js";

makeMap(document.getElementById("map"));
makeLists();
makeFrame();
makeActions();
makeConditions();
makePanel();
listen((kinds, keys) => {
  drawFrame(kinds);
  drawMap(kinds, keys);
  drawLists(kinds);
  drawLeftOut(kinds);
  drawPanel(kinds);
});
connect(showLink);
