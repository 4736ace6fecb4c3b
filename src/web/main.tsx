/** Entry of the page. Live is part of the first bundle; the other pages come when they are opened. */
import { Route, Router } from '@solidjs/router';
import { lazy } from 'solid-js';
import { render } from 'solid-js/web';
import { Live } from './routes/live.tsx';
import { Shell } from './routes/shell.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/live.css';
import './styles/diagnostics.css';
import './styles/truth.css';

const Passes = lazy(() => import('./routes/passes.tsx').then(({ Passes: page }) => ({ default: page })));
const Admin = lazy(() => import('./routes/admin.tsx').then(({ Admin: page }) => ({ default: page })));
const NotFound = lazy(() => import('./routes/not-found.tsx').then(({ NotFound: page }) => ({ default: page })));

const root = document.getElementById('app');
if (root) {
  render(
    () => (
      <Router root={Shell}>
        <Route path="/" component={Live} />
        <Route path="/passes/:id?" component={Passes} />
        <Route path="/admin" component={Admin} />
        <Route path="*" component={NotFound} />
      </Router>
    ),
    root,
  );
}
