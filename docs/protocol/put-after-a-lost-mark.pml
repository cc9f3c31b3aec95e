/*
 * A put by a writer whose mark was lost and set again (SPIN model; see docs/decisions/010).
 *
 * One tag, two writers, one reader; a mark's lease may end under its live writer at any time, and the writer, when it
 * notices, sets the mark again with the same token before it settles. Writers put their row when settle says `alone`.
 *
 *   spin -a put-after-a-lost-mark.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *
 *   variant      no stale read after an acknowledgement
 *   as written   holds: a writer whose mark was lost does not put
 *   -DFORGETFUL  FAILS: the writer trusts `alone`, although others may have come and gone while its mark was away
 */
byte db = 0, acked = 0, nonce = 1, stamp = 1;   /* stamp 0: missing */
byte ev = 0, est = 0; bool ehas = false;        /* the entry: version, stamp */
bool mark[2], tainted[2], lost[2];

inline fresh(x) { nonce++; x = nonce }
inline unsettle(me) {
  if :: mark[1-me] -> tainted[1-me] = true; tainted[me] = true :: else -> skip fi;
  mark[me] = true
}

proctype Writer(byte me) {
  byte mine, old; bool may;
  atomic { tainted[me] = false; unsettle(me) }
  atomic { db++; mine = db }
  /* the renewal finds the mark gone, and sets it again */
  if
  :: atomic { !mark[me] -> lost[me] = true; tainted[me] = false; unsettle(me) }
  :: skip
  fi;
  atomic {                                       /* settle */
    may = mark[me] && !tainted[me];
#ifndef FORGETFUL
    may = may && !lost[me];
#endif
    if :: !mark[me] -> tainted[1-me] = true :: else -> skip fi;
    mark[me] = false; fresh(stamp); old = stamp
  }
  atomic {                                       /* put, then acknowledge */
    if :: may -> ehas = true; ev = mine; est = old :: else -> skip fi;
    acked = (mine > acked -> mine : acked)
  }
}

active proctype Lease() {
end: do
  :: atomic { mark[0] -> mark[0] = false; stamp = 0 }
  :: atomic { mark[1] -> mark[1] = false; stamp = 0 }
  od
}

active proctype Reader() {
  byte promised, seen, v; bool hit, store; byte n = 0;
  do
  :: n < 2 -> n++;
     atomic {
       promised = acked; hit = false; store = false;
       if
       :: mark[0] || mark[1] -> skip
       :: else ->
          if :: stamp == 0 -> fresh(stamp) :: else -> skip fi;
          seen = stamp; store = true;
          if :: ehas && est == stamp -> hit = true; v = ev :: else -> skip fi
       fi
     }
     if
     :: hit -> skip
     :: else -> v = db; if :: store -> atomic { ehas = true; ev = v; est = seen } :: else -> skip fi
     fi;
     assert(v >= promised)
  :: else -> break
  od
}

init { atomic { run Writer(0); run Writer(1) } }
