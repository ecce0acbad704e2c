// What needs no server: the address bar, the pace of questions, light and dark.
(() => {
  const root = document.documentElement;
  const asked = new URLSearchParams(window.location.search).get("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = asked || window.localStorage.getItem("kyros-theme") || (dark ? "dark" : "light");

  const query = (view) => {
    const parts = new URLSearchParams();
    for (const [name, values] of Object.entries(view.values)) {
      for (const value of values) parts.append(`var-${name}`, value);
    }
    parts.append("from", view.from);
    parts.append("to", view.to);
    return parts.toString();
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    preview: {
      address(view) {
        const { pathname } = window.location;
        window.history.replaceState(window.history.state, "", `${pathname}?${query(view)}`);
        return window.dash_clientside.no_update;
      },
      pace(seconds) {
        return [Math.max(seconds, 1) * 1000, !seconds];
      },
      theme() {
        root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
        window.localStorage.setItem("kyros-theme", root.dataset.theme);
        return window.dash_clientside.no_update;
      },
    },
  });
})();
