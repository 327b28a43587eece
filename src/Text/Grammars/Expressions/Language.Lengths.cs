namespace Causerie.Text.Grammars.Expressions;

/// <content>How long texts become from each state on.</content>
public sealed partial class Language
{
    /// <summary>The most code points that the nearest end is away, of all states.</summary>
    internal int FarthestFromEnd { get; }

    /// <summary>Whether from here a text can end after a number of code points that is in the bounds.</summary>
    /// <param name="state">The state.</param>
    /// <param name="least">The fewest.</param>
    /// <param name="most">The most; int.MaxValue for any number.</param>
    public bool CanEndWithin(int state, int least, int most)
    {
        if (_shortest[state] > most || _longest[state] < least)
            return false;
        if (_shortest[state] >= least)
            return true;
        return _longest[state] <= most || IsEverything || _reached.GetOrAdd((state, least, most), static (key, language) => language.Reaches(key.State, key.Least, key.Most), this);
    }

    /// <summary>How many code points of a set lead on from each state, whatever they are; int.MaxValue for any number.</summary>
    /// <returns>[state]</returns>
    internal int[] ReachesWithin(CodePoints set)
    {
        int[] classes = [.. _alphabet.ClassesOf(set)];
        int[] reach = new int[States];
        var open = new Queue<int>();
        var before = new List<int>[States];
        for (int state = 0; state < States; state++)
        {
            reach[state] = int.MaxValue;
            before[state] = [];
        }
        for (int state = 0; state < States; state++)
        {
            foreach (int one in classes)
            {
                if (StepBy(state, one) is not Dead and var next)
                {
                    before[next].Add(state);
                }
                else if (reach[state] > 0)
                {
                    reach[state] = 0;
                    open.Enqueue(state);
                }
            }
        }
        while (open.TryDequeue(out int state))
        {
            foreach (int one in before[state])
            {
                if (reach[one] != int.MaxValue)
                    continue;
                reach[one] = reach[state] + 1;
                open.Enqueue(one);
            }
        }
        return reach;
    }

    /// <summary>By breadth from the ends backwards.</summary>
    private int[] Distances()
    {
        int classes = _alphabet.Classes;
        var before = new List<int>[States];
        for (int state = 0; state < States; state++)
            before[state] = [];
        for (int i = 0; i < _next.Length; i++)
        {
            if (_next[i] != Dead)
                before[_next[i]].Add(i / classes);
        }
        int[] distance = [.. _accepts.Select(accepts => accepts ? 0 : int.MaxValue)];
        var open = new Queue<int>(Enumerable.Range(0, States).Where(state => _accepts[state]));
        while (open.TryDequeue(out int state))
        {
            foreach (int one in before[state])
            {
                if (distance[one] != int.MaxValue)
                    continue;
                distance[one] = distance[state] + 1;
                open.Enqueue(one);
            }
        }
        return distance;
    }

    /// <summary>Longest ways to an end; what lies on a circle, or before one, has none.</summary>
    private int[] Farthest()
    {
        int classes = _alphabet.Classes;
        int[] longest = new int[States], mark = new int[States]; // 0 new, 1 on the way, 2 done
        var way = new Stack<(int State, int Class)>();
        for (int root = 0; root < States; root++)
        {
            if (mark[root] != 0)
                continue;
            way.Push((root, 0));
            mark[root] = 1;
            while (way.TryPop(out var at))
            {
                var (state, one) = at;
                if (one == classes)
                {
                    mark[state] = 2;
                    continue;
                }
                int next = _next[(state * classes) + one];
                if (next != Dead && mark[next] == 0)
                {
                    way.Push((state, one)); // again, when the other is done
                    way.Push((next, 0));
                    mark[next] = 1;
                    continue;
                }
                if (next != Dead)
                {
                    // A state that is still on the way closes a circle; every state here is live, so texts have no longest.
                    int length = mark[next] == 1 || longest[next] == int.MaxValue ? int.MaxValue : longest[next] + 1;
                    longest[state] = Math.Max(longest[state], length);
                }
                way.Push((state, one + 1));
            }
        }
        return longest;
    }

    /// <summary>Walks sets of states, for the rare language whose lengths have gaps.</summary>
    private bool Reaches(int state, int least, int most)
    {
        if (_endless[state] && most == int.MaxValue)
            return true;
        var here = new HashSet<int> { state };
        var seen = new HashSet<string>();
        for (int length = 0; length <= most && here.Count > 0; length++)
        {
            if (length >= least && here.Any(one => _accepts[one]))
                return true;
            if (length >= least && !seen.Add(string.Join(',', here.Order())))
                return false;
            here = [.. here.SelectMany(one => Enumerable.Range(0, _alphabet.Classes)
                .Select(c => _next[(one * _alphabet.Classes) + c])).Where(next => next != Dead)];
        }
        return false;
    }
}
