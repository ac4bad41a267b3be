package photo

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// take takes from a budget that must have room.
func take(t *testing.T, b *Budget, bytes int64) (release func()) {
	t.Helper()
	release, err := b.Take(t.Context(), bytes)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

func TestBudgetHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(100)
		first := take(t, b, 60)
		second := take(t, b, 40)
		var held bool
		var third func()
		go func() {
			third = take(t, b, 1000) // waits until nothing else is held, then goes alone
			held = true
		}()
		synctest.Wait()
		first()
		synctest.Wait()
		if held {
			t.Error("more than the budget is held beside something else")
		}
		second()
		synctest.Wait()
		if !held {
			t.Fatal("a need above the whole budget waits though nothing is held")
		}
		third()
	})
}

func TestBudgetEndsWithTheContext(t *testing.T) {
	b := NewBudget(1)
	release := take(t, b, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Take(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait gives %v", err)
	}
	release()
	take(t, b, 1)()
}

// Large pictures wait for one another, small ones for nobody.
func TestDecodesShareABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Limits{Budget: NewBudget(32 << 20)}
		admit := func(side int) func() {
			release, err := l.admit(side, side, 9)
			if err != nil {
				t.Error(err)
			}
			return release
		}
		large := admit(1800)
		admit(1000)()
		var admitted bool
		go func() {
			admit(1800)()
			admitted = true
		}()
		synctest.Wait()
		if admitted {
			t.Error("two large pictures are decoded at once")
		}
		large()
		synctest.Wait()
		if !admitted {
			t.Error("a large picture waits though nothing is decoded")
		}
	})
}
