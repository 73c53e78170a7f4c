//! Strongly connected components of a graph.

/// The strongly connected components, each behind those that it leads to. `edges` has the nodes that each
/// node leads to.
///
/// Tarjan's algorithm, in linear time and without recursion: a path can be as long as the graph.
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = 0;
    const DONE: usize = usize::MAX;
    // The first visited node that each one is known to reach, as the number of the visit.
    let mut lowest = vec![UNSEEN; edges.len()];
    let (mut visits, mut open, mut path, mut components) = (0, Vec::new(), Vec::new(), Vec::new());
    for start in 0..edges.len() {
        let mut enter = (lowest[start] == UNSEEN).then_some(start);
        loop {
            if let Some(node) = enter.take() {
                visits += 1;
                lowest[node] = visits;
                open.push(node);
                path.push((node, visits, edges[node].iter()));
            }
            let Some((node, visit, rest)) = path.last_mut() else { break };
            match rest.as_slice().first() {
                // Looked at again when its own edges are done.
                Some(next) if lowest[*next] == UNSEEN => enter = Some(*next),
                Some(next) => {
                    lowest[*node] = lowest[*node].min(lowest[*next]);
                    rest.next();
                }
                None => {
                    if lowest[*node] == *visit {
                        let first = open.iter().rposition(|open| open == node).unwrap_or_default();
                        let component = open.split_off(first);
                        component.iter().for_each(|member| lowest[*member] = DONE);
                        components.push(component);
                    }
                    path.pop();
                }
            }
        }
    }
    components
}

#[cfg(test)]
mod tests {
    use super::components;

    fn sorted(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
        let mut components = components(edges);
        components.iter_mut().for_each(|component| component.sort_unstable());
        components
    }

    #[test]
    fn a_component_stands_behind_those_that_it_leads_to() {
        // 0 -> 1 <-> 2 -> 3, 0 -> 3, 4 -> 4, 5 -> 0, 1 -> 6 -> 2
        let edges = [vec![1, 3], vec![2, 6], vec![1, 3], vec![], vec![4], vec![0], vec![2]];
        assert_eq!(sorted(&edges), [vec![3], vec![1, 2, 6], vec![0], vec![4], vec![5]]);
        assert!(components(&[]).is_empty());
    }

    #[test]
    fn long_chains_and_cycles_need_no_recursion() {
        let chain: Vec<Vec<usize>> =
            (0..100_000_usize).map(|node| node.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(components(&chain).len(), chain.len());
        let mut cycle = chain;
        cycle[0] = vec![99_999];
        assert_eq!(components(&cycle).len(), 1);
    }
}
