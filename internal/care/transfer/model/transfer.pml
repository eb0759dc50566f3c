/* transfer.pml - who may dose this patient today?  (spin 6.5.2)
 *
 * One patient, NS sites that never need to be online together, D calendar days.
 * The right to dose the patient on day d is a token.  It starts at site 0 (home).
 * It moves only by a letter: the giver closes its own right first, durably, then
 * prints.  A letter names one destination.  Letters can be lost (never scanned),
 * late, copied, scanned again and again, in any order, at any site: every visible
 * letter stays scannable for ever.  Going home early, and cancelling, are just
 * letters in the other direction.
 *
 * Property (physical, on the TRUE day, not on what a site's clock says):
 *      at most one dose given by the machine's authority per true day.
 *
 * Run: go test ./internal/care/transfer -run TestModel (-model all: every configuration, hours)
 * By hand: spin -a <-D...> transfer.pml && cc -O2 -DNOFAIR -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -m3000000
 * Options (all off = the plain protocol):
 *   AMNESIA      a site may be restored from an older backup (at most MAXR times)
 *   FENCE        after a restore the site may not dose any day <= the restore day
 *   WITNESS=1    letters issued are mirrored outside the PC, replayed on restore
 *   WITNESS=2    letters issued AND accepted are mirrored, replayed on restore
 *   WITNESS=3    doses are mirrored too (the "baton" holds the whole journal)
 *   MLAG         mirroring is a separate, later step; a letter is printed only once mirrored
 *   WLOSS        the mirror may be lost before the restore
 *   HFENCE       after loss of PC and mirror: no machine dose until the letter
 *                horizon has passed (only attested doses, outside this property)
 *   CLONE        the old PC keeps running after its replacement was set up
 *   BATON        only the PC that has the baton plugged in may act
 *   CLOCK        each site's date may be wrong by one day, either way, any time
 *   FLOOR        a site never doses a day earlier than one already in its journal
 *   CONFIRM=1    two people check the date before a dose is recorded or a letter issued
 *   CONFIRM=2    ... and it still holds at hand-over, and before a restored PC is used
 *   REASSIGN=1   the hub gives a silent site's patients to another site
 *   REASSIGN=2   ... after people sealed the silent site (it can no longer dose)
 *   REASSIGN=3   ... and after its baton was read, so its letters are known
 *   FORGE        a thief has site 0's key and can sign letters
 *   COSIGN       a letter also needs a physician's key, which the thief lacks
 *   EMERG        once, any site doses the patient without any right (a storm)
 *   CARD=1       ... only if the card the patient carries shows no dose today
 *   CARD=2       ... and every ordinary dose looks at the card too
 *   HOLDER       also check the stronger token-conservation invariant
 * Mutants (each must be caught, or the check proves nothing):
 *   M_PRINT_FIRST  print before the durable close     M_BEARER  no destination
 *   M_CANCEL       giver takes a letter back alone    M_GIVE_FIRST swallow, then record
 *   M_STALE        a recorded dose may be handed over another day
 *   M_NOTONCE      accepting the same letter twice adds the right twice
 *   M_EARLY        (with MLAG) print as soon as the PC has the letter, mirror later
 * Reachability (a violation is the GOOD result: the scenario happens in the model):
 *   R_VISIT R_RETURN R_REPRINT R_RESTORED R_CHAIN R_LOST
 */
#ifndef D
#define D 3
#endif
#ifndef NL
#define NL 3
#endif
#ifndef MAXR
#define MAXR 1
#endif
#ifndef MAXB
#define MAXB 1
#endif
#ifndef MAXK
#define MAXK 2
#endif
#ifndef WITNESS
#define WITNESS 0
#endif
#ifndef NS
#define NS 3                                    /* sites; site 0 is home           */
#endif
#ifdef CLONE
#define NX (NS+1)                               /* last slot: site 0's old PC      */
#else
#define NX NS
#endif
#define OLD NS
#define BIT(x)   (1<<(x))
#define ALL      (((1<<(D+1))-1) & ~1)          /* bits 1..D */
#define UPTO(x)  ((1<<((x)+1))-1)

byte today = 1;
byte ndose;                       /* physical doses on this true day           */

/* durable state of each installation */
byte held[NX];                    /* day tokens this installation holds        */
byte done[NX];                    /* days it has recorded a dose for           */
byte acc[NX];                     /* letters it has accepted (bit per letter)  */
byte fence[NX];                   /* may not dose days <= fence                */
byte flr[NX];                     /* highest day in its journal                */
bool live[NX];
/* volatile state */
byte pend[NX];                    /* dose recorded, not yet handed over        */
byte pclose[NX];                  /* mutant: printed, close not yet durable    */
byte prec[NX];                    /* mutant: swallowed, not yet recorded       */

#ifdef AMNESIA
byte b_held[NX]; byte b_done[NX]; byte b_acc[NX]; byte b_flr[NX]; byte b_nl[NX];
byte w_held[NX]; byte w_done[NX]; byte w_acc[NX]; byte w_flr[NX];
byte nb; byte nr;
#endif
#ifdef CLOCK
byte skew[NX];                    /* 0 = a day behind, 1 = right, 2 = a day ahead */
byte nk;
#define BELIEF(s) (today + skew[s] - 1)
#else
#define BELIEF(s) (today)
#endif
#if defined(CLONE) && defined(BATON)
byte batonAt;
#endif
#ifdef FORGE
bool forged;
#endif
#if REASSIGN>=1
bool moved;
#endif
#ifdef EMERG
bool emerged;
#endif

/* letters: the paper and the network together */
byte nl;
byte lfrom[NL]; byte lto[NL]; byte lmask[NL];
bool ldur[NL]; bool lvis[NL];
#ifdef MLAG
bool lmir[NL];
#endif
#ifdef REACHONLY
bool laccd[NL];
#define SEEN(i) laccd[i] = true
#else
#define SEEN(i) skip
#endif
#ifdef FLOOR
#define RAISE(s) if :: BELIEF(s) > flr[s] -> flr[s] = BELIEF(s) :: else fi
#else
#define RAISE(s) skip
#endif

#define ID(s)   ((s)==OLD -> 0 : (s))          /* the old PC answers to site 0's name */

#if defined(CLONE) && defined(BATON)
#define MAYACT(s) (live[s] && ((ID(s)!=0) || batonAt==(s)))
#else
#define MAYACT(s) (live[s])
#endif

#ifdef FENCE
#define ABOVE(s,d) ((d) > fence[s])
#else
#define ABOVE(s,d) (true)
#endif
#ifdef FLOOR
#define NOTBACK(s,d) ((d) >= flr[s])
#else
#define NOTBACK(s,d) (true)
#endif
#ifndef CONFIRM
#define CONFIRM 0
#endif
#ifndef REASSIGN
#define REASSIGN 0
#endif
#ifndef CARD
#define CARD 0
#endif
#if CARD>=1
#define CARDSHOWN (ndose==0)
#else
#define CARDSHOWN (true)
#endif
#if CARD>=2
#define CARDOK (ndose==0)                        /* the card shows the true day's stamp */
#else
#define CARDOK (true)
#endif
#if defined(CLOCK) && CONFIRM>=1
#define DATEOK(s) (skew[s]==1)
#else
#define DATEOK(s) (true)
#endif
#if defined(CLOCK) && CONFIRM>=2
#define DATEOK2(s) (skew[s]==1)
#else
#define DATEOK2(s) (true)
#endif

#ifdef R_REPRINT
#define REPRINT_SEEN assert(false)
#else
#define REPRINT_SEEN skip
#endif
#if defined(MLAG) && !defined(M_EARLY)
#define PRINTABLE(i) (ldur[i] && !lvis[i] && lmir[i])
#else
#define PRINTABLE(i) (ldur[i] && !lvis[i])
#endif
#ifdef M_BEARER
#define ADDRESSED(i,s) (true)
#else
#define ADDRESSED(i,s) (lto[i] == ID(s))
#endif
#ifdef M_NOTONCE
#define FRESH(i,s) (true)
#else
#define FRESH(i,s) (!(acc[s] & BIT(i)))
#endif
#ifdef M_STALE
#define SAMEDAY(s) (true)
#else
#define SAMEDAY(s) (pend[s] == BELIEF(s))
#endif

/* scratch, never part of the state */
hidden byte q_s, q_t, q_f, q_l, q_m, q_i, q_b, q_c, q_dd;

#ifdef MLAG
#define MIRROR(x)  skip
#elif defined(AMNESIA) && WITNESS>=2
#define MIRROR(x)  w_held[x]=held[x]; w_acc[x]=acc[x]; w_done[x]=done[x]; w_flr[x]=flr[x]
#else
#define MIRROR(x)  skip
#endif
#if defined(AMNESIA) && WITNESS>=3
#define MIRRORD(x) w_held[x]=held[x]; w_acc[x]=acc[x]; w_done[x]=done[x]; w_flr[x]=flr[x]
#else
#define MIRRORD(x) skip
#endif

/* a day that is over can never be dosed again when clocks are right: drop its bits
 * so that states differing only in the past are one state (sound without CLOCK)  */
inline forgetpast() {
  q_m = UPTO(today-1); q_i = 0;
  do
  :: q_i < NX ->
     held[q_i] = held[q_i] & ~q_m; done[q_i] = done[q_i] & ~q_m;
     if :: fence[q_i] < today -> fence[q_i] = 0 :: else fi;
#ifdef AMNESIA
     b_held[q_i] = b_held[q_i] & ~q_m; b_done[q_i] = b_done[q_i] & ~q_m;
     w_held[q_i] = w_held[q_i] & ~q_m; w_done[q_i] = w_done[q_i] & ~q_m;
#endif
     q_i++
  :: else -> break
  od;
  q_i = 0;
  do
  :: q_i < nl -> lmask[q_i] = lmask[q_i] & ~q_m; q_i++
  :: else -> break
  od;
  q_i = 0; q_m = 0
}
#if defined(CLOCK) || defined(REACHONLY) || defined(M_STALE)
#define FORGETPAST skip
#else
#define FORGETPAST forgetpast()
#endif

inline pick(v, lo, hi) {
  v = lo; do :: v < hi -> v++ :: break od; skip
}

#ifdef HOLDER
/* tokens for days still to come: usable holders + letters not yet accepted <= 1 */
inline holders() {
  q_dd = today;
  do
  :: q_dd <= D ->
     q_c = 0; q_i = 0;
     do
     :: q_i < NX -> if :: (live[q_i] && (held[q_i] & BIT(q_dd)) && ABOVE(q_i,q_dd)) -> q_c++ :: else fi; q_i++
     :: else -> break
     od;
     q_i = 0;
     do
     :: q_i < nl -> if :: (ldur[q_i] && (lmask[q_i] & BIT(q_dd)) && !(acc[lto[q_i]] & BIT(q_i)) && ABOVE(lto[q_i],q_dd)) -> q_c++ :: else fi; q_i++
     :: else -> break
     od;
     assert(q_c <= 1);
     q_dd++
  :: else -> break
  od;
  skip
}
#else
inline holders() { skip }
#endif

init {
  d_step {
    held[0] = ALL;
    q_i = 0;
    do
    :: q_i < NS -> live[q_i] = true; q_i++
    :: else -> break
    od;
#ifdef CLOCK
    q_i = 0; do :: q_i < NX -> skew[q_i] = 1; q_i++ :: else -> break od;
#endif
#ifdef AMNESIA
    b_held[0] = ALL; w_held[0] = ALL;
#endif
    q_i = 0
  }
  do
  /* ---- a night passes ------------------------------------------------------ */
  :: today < D ->
     d_step { today++; ndose = 0; FORGETPAST }

  /* ---- a site issues a letter: close durably, letter bytes in the same write -- */
  :: nl < NL ->
     atomic {
       pick(q_s, 0, NX-1); pick(q_t, 0, NS-1); pick(q_f, 1, D); pick(q_l, q_f, D);
       if
       :: MAYACT(q_s) && q_t != ID(q_s) && q_f >= BELIEF(q_s) && DATEOK(q_s) && ABOVE(q_s,q_f) && pclose[q_s]==0 ->
          d_step {
            q_m = held[q_s] & UPTO(q_l) & ~(UPTO(q_f-1));
            if
            :: q_m != 0 ->
               lfrom[nl] = ID(q_s); lto[nl] = q_t; lmask[nl] = q_m;
#ifdef M_PRINT_FIRST
               lvis[nl] = true; ldur[nl] = true; pclose[q_s] = q_m;
#else
               held[q_s] = held[q_s] & ~q_m; ldur[nl] = true;
               RAISE(q_s);
               MIRROR(q_s);
#endif
               nl++
            :: else
            fi;
            holders()
          }
       :: else
       fi;
       q_s=0; q_t=0; q_f=0; q_l=0; q_m=0; q_i=0; q_c=0; q_dd=0
     }
#ifdef M_PRINT_FIRST
  :: atomic { pick(q_s,0,NX-1);                       /* the close reaches the disk */
       if :: pclose[q_s] != 0 -> d_step { held[q_s] = held[q_s] & ~pclose[q_s]; pclose[q_s] = 0 } :: else fi; q_s=0 }
#endif

  /* ---- print, or print again after a crash: the same bytes ------------------- */
  :: nl > 0 ->
     atomic { pick(q_i,0,nl-1);
       if :: PRINTABLE(q_i) ->
             d_step { lvis[q_i] = true; REPRINT_SEEN }
       :: else fi; q_i=0 }

  /* ---- scan a letter: any visible letter, any site, any number of times ------ */
  :: nl > 0 ->
     atomic { pick(q_i,0,nl-1); pick(q_s,0,NX-1);
       if
       :: lvis[q_i] && MAYACT(q_s) && ADDRESSED(q_i,q_s) && FRESH(q_i,q_s) -> d_step {
            acc[q_s] = acc[q_s] | BIT(q_i);
            held[q_s] = held[q_s] | (lmask[q_i] & ~done[q_s]);
            SEEN(q_i);
            RAISE(q_s);
            MIRROR(q_s);
            q_t = q_i;
            holders();
            q_i = q_t; q_t = 0
          }
       :: else
       fi; q_i=0; q_s=0; q_c=0; q_dd=0 }

#ifdef M_CANCEL
  :: nl > 0 ->
     atomic { pick(q_i,0,nl-1);
       if :: ldur[q_i] -> d_step { held[lfrom[q_i]] = held[lfrom[q_i]] | (lmask[q_i] & ~done[lfrom[q_i]]) } :: else fi; q_i=0 }
#endif

  /* ---- dose: record durably, then hand over ---------------------------------- */
  :: atomic { pick(q_s,0,NX-1);
       q_b = BELIEF(q_s);
       if
       :: MAYACT(q_s) && q_b >= 1 && q_b <= D && (held[q_s] & BIT(q_b)) && ABOVE(q_s,q_b) && NOTBACK(q_s,q_b) && DATEOK(q_s) && pend[q_s]==0 && prec[q_s]==0 ->
#ifdef M_GIVE_FIRST
          d_step { ndose++; assert(ndose <= 1); prec[q_s] = q_b }
#else
          d_step {
            held[q_s] = held[q_s] & ~BIT(q_b); done[q_s] = done[q_s] | BIT(q_b); pend[q_s] = q_b;
            RAISE(q_s);
            MIRRORD(q_s);
          }
#endif
       :: else
       fi; q_s=0; q_b=0 }
#ifdef M_GIVE_FIRST
  :: atomic { pick(q_s,0,NX-1);
       if :: prec[q_s] != 0 -> d_step { held[q_s] = held[q_s] & ~BIT(prec[q_s]); done[q_s] = done[q_s] | BIT(prec[q_s]); prec[q_s] = 0 } :: else fi; q_s=0 }
#endif
  :: atomic { pick(q_s,0,NX-1);                        /* hand over, patient swallows */
       if
       :: pend[q_s] != 0 && SAMEDAY(q_s) && DATEOK2(q_s) && CARDOK -> d_step {
            ndose++;
#ifndef REACHONLY
            assert(ndose <= 1);
#endif
#ifdef R_VISIT
            assert(ID(q_s)==0);
#endif
#ifdef R_RETURN
            assert(!(ID(q_s)==0 && nl>=2 && laccd[0] && laccd[1] && lto[0]==1 && lfrom[1]==1 && lto[1]==0 && (lmask[1] & BIT(pend[q_s]))));
#endif
#ifdef R_CHAIN
            assert(!(q_s==2 && nl>=2 && lto[0]==1 && lfrom[1]==1 && lto[1]==2));
#endif
#ifdef R_RESTORED
            assert(!(nr>0 && fence[q_s]>0));
#endif
#ifdef R_LOST
            assert(!(ID(q_s)==0 && nl==1 && !laccd[0] && lmask[0]==BIT(2) && today==3));
#endif
            pend[q_s] = 0
          }
       :: else
       fi; q_s=0 }

  /* ---- kill -9 / power cut at any point: volatile state is gone --------------- */
  :: atomic { pick(q_s,0,NX-1);
       d_step { pend[q_s] = 0; pclose[q_s] = 0; prec[q_s] = 0 }; q_s=0 }

#ifdef MLAG
  /* ---- the journal reaches the second medium ------------------------------------ */
  :: atomic { pick(q_s,0,NS-1);
       d_step {
         w_held[q_s]=held[q_s]; w_acc[q_s]=acc[q_s]; w_done[q_s]=done[q_s]; w_flr[q_s]=flr[q_s];
         q_i = 0;
         do :: q_i < nl -> if :: lfrom[q_i]==q_s && ldur[q_i] -> lmir[q_i] = true :: else fi; q_i++
         :: else -> break od;
         q_i = 0
       }; q_s=0 }
#endif

#ifdef AMNESIA
  /* ---- nightly backup, at a moment nobody chose -------------------------------- */
  :: nb < MAXB ->
     atomic { pick(q_s,0,NS-1);
       d_step { b_held[q_s]=held[q_s]; b_done[q_s]=done[q_s]; b_acc[q_s]=acc[q_s]; b_flr[q_s]=flr[q_s]; b_nl[q_s]=nl; nb++ }; q_s=0 }
  /* ---- restore that backup on a new disk or PC ---------------------------------- */
  :: nr < MAXR ->
     atomic { pick(q_s,0,NS-1);
       if
       :: DATEOK2(q_s) ->
       d_step {
         nr++;
#ifdef CLONE
         if :: q_s==0 -> held[OLD]=held[0]; done[OLD]=done[0]; acc[OLD]=acc[0]; flr[OLD]=flr[0]; fence[OLD]=fence[0]; live[OLD]=true
         :: else fi;
#endif
         pend[q_s]=0; pclose[q_s]=0; prec[q_s]=0;
         held[q_s]=b_held[q_s]; done[q_s]=b_done[q_s]; acc[q_s]=b_acc[q_s]; flr[q_s]=b_flr[q_s];
         fence[q_s] = BELIEF(q_s);
#ifdef MLAG
         /* a letter that never left the dead disk does not exist */
         q_i = 0;
         do :: q_i < nl -> if :: lfrom[q_i]==q_s && !lmir[q_i] -> ldur[q_i] = false :: else fi; q_i++
         :: else -> break od;
         q_i = 0
#endif
       };
       if
#if WITNESS==1
       :: d_step {                                   /* replay: letters I issued */
            q_i = b_nl[q_s];
            do :: q_i < nl -> if :: lfrom[q_i]==q_s && ldur[q_i] -> held[q_s] = held[q_s] & ~lmask[q_i] :: else fi; q_i++
            :: else -> break od; q_i=0 }
#elif WITNESS==2
       :: d_step { held[q_s]=w_held[q_s]; acc[q_s]=w_acc[q_s]; done[q_s]=w_done[q_s]; flr[q_s]=w_flr[q_s] }
#elif WITNESS==3
       :: d_step { held[q_s]=w_held[q_s]; acc[q_s]=w_acc[q_s]; done[q_s]=w_done[q_s]; flr[q_s]=w_flr[q_s]; fence[q_s]=0 }
#else
       :: skip
#endif
#ifdef WLOSS
#ifdef HFENCE
       :: d_step { fence[q_s] = D }                    /* mirror gone too: attested doses only */
#else
       :: skip                                       /* mirror gone too */
#endif
#endif
       fi
       :: else
       fi;
       q_s=0 }
#endif

#if defined(CLONE) && defined(BATON)
  /* ---- staff move the baton between the old and the new PC: it carries the journal */
  :: live[OLD] ->
     d_step {
       q_s = (batonAt==0 -> OLD : 0);
       held[q_s]=held[batonAt]; done[q_s]=done[batonAt]; acc[q_s]=acc[batonAt]; flr[q_s]=flr[batonAt]; fence[q_s]=fence[batonAt];
       pend[q_s]=0; batonAt=q_s; q_s=0
     }
#endif

#ifdef EMERG
  /* ---- a patient of another site, a storm, no letter, nobody reachable ------------ */
  :: !emerged ->
     atomic {
       if
       :: CARDSHOWN -> d_step { emerged = true; ndose++; assert(ndose <= 1) }
       :: else
       fi }
#endif

#if REASSIGN>=1
  /* ---- the hub decides that site 0 is gone and site 1 takes its patients ---------- */
  :: !moved ->
     d_step {
       moved = true;
#if REASSIGN>=2
       live[0] = false; pend[0] = 0;
#endif
#if REASSIGN>=3
       held[1] = held[1] | (held[0] & ~done[1]);
#else
       held[1] = held[1] | (ALL & ~done[1]);
#endif
#if REASSIGN>=2
       /* a dose already given at site 0 today is on its paper sheet: the seal takes effect tomorrow */
       held[1] = held[1] & ~BIT(today);
#endif
     }
#endif

#ifdef CLOCK
  :: nk < MAXK ->
     atomic { pick(q_s,0,NX-1); pick(q_t,0,2); d_step { skew[q_s]=q_t; nk++ }; q_s=0; q_t=0 }
#endif

#ifdef FORGE
#ifndef COSIGN
  :: !forged && nl < NL ->
     atomic { pick(q_t,1,NS-1); pick(q_f,1,D);
       d_step { lfrom[nl]=0; lto[nl]=q_t; lmask[nl]=ALL & ~(UPTO(q_f-1)); ldur[nl]=true; lvis[nl]=true; nl++; forged=true }; q_t=0; q_f=0 }
#endif
#endif
  od
}
